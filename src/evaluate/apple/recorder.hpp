// Collects what the hooks see. Plain C++ behind one mutex: Core ML evaluates on the caller's
// thread, on dispatch queues and on its loaders' queues at once.
#pragma once

#include "evaluate/measurement.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>

namespace anecompat::evaluate::apple {

// How a hook recognises a program it has seen: addresses are reused, so the program's own number
// goes with it.
using ProgramToken = std::pair<const void*, std::uint64_t>;

class Recorder {
 public:
  // `surface_directory` receives the contents of surfaces; empty: they are only described.
  explicit Recorder(std::string surface_directory = {})
      : m_surface_directory(std::move(surface_directory)) {}

  void set_phase(Phase phase) { m_phase.store(phase, std::memory_order_relaxed); }
  Phase phase() const { return m_phase.load(std::memory_order_relaxed); }

  // The number of a program that was described before.
  std::optional<std::uint32_t> find_program(const ProgramToken& token) const;
  // Numbers a program, the same for equal descriptions. nullopt when there are too many of them.
  std::optional<std::uint32_t> add_program(const ProgramToken& token, AneProgram program);

  // Phase and thread of the event are filled in here.
  void add(AneEvent event);

  // True the first time it is asked about a procedure: its surfaces are described once.
  bool first_surfaces(std::uint32_t program, std::uint32_t procedure);
  void add_surface(std::string description);
  const std::string& surface_directory() const { return m_surface_directory; }
  // How many of so many bytes may still be written there; they count as written.
  std::size_t take_surface_bytes(std::size_t wanted);
  void warn(std::string warning);

  // Adds everything seen so far to a measurement.
  void report(Measurement& measurement) const;

 private:
  using TallyKey = std::pair<std::pair<AneEventKind, Phase>,
                             std::pair<std::optional<std::uint32_t>, std::uint32_t>>;

  std::atomic<Phase> m_phase{Phase::idle};
  mutable std::mutex m_mutex;
  std::map<ProgramToken, std::uint32_t> m_tokens;
  std::vector<AneProgram> m_programs;
  std::vector<AneEvent> m_events;
  std::uint64_t m_events_dropped = 0;
  std::map<TallyKey, std::pair<std::uint64_t, std::uint64_t>> m_tallies;
  std::map<std::thread::id, std::uint32_t> m_threads;
  std::string m_surface_directory;
  std::size_t m_surface_bytes = 0;  // written so far
  std::set<std::pair<std::uint32_t, std::uint32_t>> m_surfaces_seen;
  std::vector<std::string> m_surfaces;
  std::vector<std::string> m_warnings;
};

}  // namespace anecompat::evaluate::apple
