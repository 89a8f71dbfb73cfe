#include "evaluate/apple/recorder.hpp"

#include <algorithm>

namespace anecompat::evaluate::apple {

namespace {

// A model has a few segments and a run a few predictions; what goes beyond is counted, not kept.
constexpr std::size_t k_max_events = 2000;
constexpr std::size_t k_max_programs = 1024;
constexpr std::size_t k_max_lines = 500;
constexpr std::size_t k_max_surface_bytes_in_all = std::size_t{1} << 30U;

}  // namespace

std::optional<std::uint32_t> Recorder::find_program(const ProgramToken& token) const {
  const std::lock_guard lock(m_mutex);
  const auto found = m_tokens.find(token);
  if (found == m_tokens.end())
    return std::nullopt;
  return found->second;
}

std::optional<std::uint32_t> Recorder::add_program(const ProgramToken& token, AneProgram program) {
  const std::lock_guard lock(m_mutex);
  const auto known = std::find(m_programs.begin(), m_programs.end(), program);
  const auto index = static_cast<std::uint32_t>(known - m_programs.begin());
  if (known == m_programs.end()) {
    if (m_programs.size() >= k_max_programs)
      return std::nullopt;
    m_programs.push_back(std::move(program));
  }
  if (m_tokens.size() < k_max_programs || m_tokens.contains(token))
    m_tokens[token] = index;
  return index;
}

void Recorder::add(AneEvent event) {
  event.phase = phase();
  const std::lock_guard lock(m_mutex);
  const auto next = static_cast<std::uint32_t>(m_threads.size());
  event.thread = m_threads.try_emplace(std::this_thread::get_id(), next).first->second;
  auto& [succeeded, failed] =
      m_tallies[{{event.kind, event.phase}, {event.program, event.procedure}}];
  ++(event.ok ? succeeded : failed);
  if (m_events.size() < k_max_events)
    m_events.push_back(std::move(event));
  else
    ++m_events_dropped;
}

bool Recorder::first_surfaces(std::uint32_t program, std::uint32_t procedure) {
  const std::lock_guard lock(m_mutex);
  return m_surfaces_seen.emplace(program, procedure).second;
}

void Recorder::add_surface(std::string description) {
  const std::lock_guard lock(m_mutex);
  if (m_surfaces.size() < k_max_lines)
    m_surfaces.push_back(std::move(description));
}

std::size_t Recorder::take_surface_bytes(std::size_t wanted) {
  const std::lock_guard lock(m_mutex);
  const auto taken = std::min(wanted, k_max_surface_bytes_in_all - m_surface_bytes);
  m_surface_bytes += taken;
  return taken;
}

void Recorder::warn(std::string warning) {
  const std::lock_guard lock(m_mutex);
  if (m_warnings.size() < k_max_lines)
    m_warnings.push_back(std::move(warning));
}

void Recorder::report(Measurement& measurement) const {
  const std::lock_guard lock(m_mutex);
  measurement.programs = m_programs;
  measurement.events = m_events;
  measurement.events_dropped = m_events_dropped;
  measurement.surfaces = m_surfaces;
  measurement.warnings.insert(measurement.warnings.end(), m_warnings.begin(), m_warnings.end());
  measurement.tallies.clear();
  for (const auto& [key, counts] : m_tallies) {
    measurement.tallies.push_back({.kind = key.first.first,
                                   .phase = key.first.second,
                                   .program = key.second.first,
                                   .procedure = key.second.second,
                                   .succeeded = counts.first,
                                   .failed = counts.second});
  }
}

}  // namespace anecompat::evaluate::apple
