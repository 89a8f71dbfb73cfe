#include "support/byte_source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace anecompat {

namespace {

Error system_error(const std::string& path, const char* what) {
  const auto kind = errno == ENOENT || errno == ENOTDIR ? ErrorKind::not_found : ErrorKind::system;
  return {.kind = kind,
          .message = fmt::format("{}: {}", what, std::generic_category().message(errno)),
          .file = path};
}

// pread that carries on after a signal and after short reads; how much arrived before end of file.
std::size_t read_at(int file, std::uint8_t* to, std::size_t size, std::size_t offset) {
  std::size_t done = 0;
  while (done < size) {
    const auto count = ::pread(file, to + done, size - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

void expect_random_access(int file) {
#if defined(__APPLE__)
  ::fcntl(file, F_RDAHEAD, 0);
#else
  ::posix_fadvise(file, 0, 0, POSIX_FADV_RANDOM);
#endif
}

}  // namespace

Result<std::shared_ptr<ByteSource>> ByteSource::open(const std::string& path) {
  // O_NONBLOCK: opening a FIFO that is named like a model must not hang.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0)
    return fail(system_error(path, "cannot open"));

  auto source = std::shared_ptr<ByteSource>(new ByteSource());
  source->m_name = path;
  source->m_file = file;

  struct stat status = {};
  if (::fstat(file, &status) != 0)
    return fail(system_error(path, "cannot stat"));
  if (!S_ISREG(status.st_mode)) {
    return fail({.kind = ErrorKind::unreadable,
                 .message = S_ISDIR(status.st_mode) ? "is a directory, not a file"
                                                    : "is not a regular file",
                 .file = path});
  }
  source->m_size = static_cast<std::size_t>(status.st_size);

  if (source->m_size <= k_read_whole_limit) {
    source->m_owned.resize(source->m_size);
    source->m_data = source->m_owned.data();
    source->m_loaded_bytes = read_at(file, source->m_data, source->m_size, 0);
    if (source->m_loaded_bytes != source->m_size) {
      return fail({.kind = ErrorKind::unreadable,
                   .message = fmt::format("was cut while it was read: {} of {} bytes",
                                          source->m_loaded_bytes, source->m_size),
                   .file = path});
    }
    ::close(file);
    source->m_file = -1;
    return source;
  }

  expect_random_access(file);
  source->m_blocks.resize((source->m_size + k_block_size - 1) / k_block_size);
  if (source->m_size <= k_heap_limit) {
    source->m_heap.resize(source->m_size);
    source->m_data = source->m_heap.data();
    return source;
  }
  int flags = MAP_PRIVATE | MAP_ANON;
#if defined(MAP_NORESERVE)
  flags |= MAP_NORESERVE;
#endif
  void* mapping = ::mmap(nullptr, source->m_size, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (mapping == MAP_FAILED)
    return fail(system_error(path, "cannot map"));
  source->m_mapped = true;
  source->m_data = static_cast<std::uint8_t*>(mapping);
  return source;
}

std::shared_ptr<ByteSource> ByteSource::from_memory(std::vector<std::uint8_t> bytes,
                                                    std::string name) {
  auto source = std::shared_ptr<ByteSource>(new ByteSource());
  source->m_name = std::move(name);
  source->m_owned = std::move(bytes);
  source->m_data = source->m_owned.data();
  source->m_size = source->m_owned.size();
  return source;
}

ByteSource::~ByteSource() {
  if (m_mapped)
    ::munmap(m_data, m_size);
  if (m_file >= 0)
    ::close(m_file);
}

bool ByteSource::load(const std::uint8_t* begin, std::size_t size) {
  if (fully_loaded() || size == 0)
    return !m_failed;
  const auto offset = static_cast<std::size_t>(begin - m_data);
  const auto end = (offset + size - 1) / k_block_size + 1;
  for (auto block = offset / k_block_size; block < end; ++block) {
    if (m_blocks[block])
      continue;
    auto missing = block + 1;
    while (missing < end && !m_blocks[missing])
      ++missing;
    if (!read_blocks(block, missing))
      return false;
  }
  return !m_failed;
}

bool ByteSource::read_blocks(std::size_t first, std::size_t end) {
  // A gap this small is cheaper to read than to skip.
  constexpr std::size_t k_near = 4;
  constexpr std::size_t k_most_ahead = 64;
  const bool goes_on = first >= m_next_block && first - m_next_block <= k_near;
  m_read_ahead = goes_on ? std::min(2 * m_read_ahead, k_most_ahead) : 1;
  const auto wanted = std::min(first + m_read_ahead, m_blocks.size());
  while (end < wanted && !m_blocks[end])
    ++end;
  const auto offset = first * k_block_size;
  const auto size = std::min(end * k_block_size, m_size) - offset;
  if (read_at(m_file, m_data + offset, size, offset) != size) {
    m_failed = true;
    return false;
  }
  std::fill(m_blocks.begin() + static_cast<std::ptrdiff_t>(first),
            m_blocks.begin() + static_cast<std::ptrdiff_t>(end), true);
  m_next_block = end;
  m_loaded_bytes += size;
  if (m_loaded_bytes == m_size) {
    ::close(m_file);
    m_file = -1;
  }
  return true;
}

}  // namespace anecompat
