#include "evaluate/apple/observation.hpp"

#include "evaluate/apple/objc_support.hpp"
#include "evaluate/apple/program.hpp"
#include "evaluate/apple/surfaces.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>

namespace anecompat::evaluate::apple {

namespace {

// How deep this thread is in watched methods of each kind.
struct ThreadState {
  std::array<int, 5> depth{};
  // Left by the program's own hook for the evaluation around it.
  std::optional<std::uint32_t> status;
  bool process_failed = false;
};

ThreadState& thread_state() {
  thread_local ThreadState state;
  return state;
}

AneEventKind kind_of(HookPurpose purpose) {
  switch (purpose) {
    case HookPurpose::compile:
      return AneEventKind::compile;
    case HookPurpose::load:
      return AneEventKind::load;
    case HookPurpose::chain:
      return AneEventKind::chain;
    case HookPurpose::chain_input:
      return AneEventKind::chain_input;
    case HookPurpose::evaluate:
    case HookPurpose::process:
      break;
  }
  return AneEventKind::evaluate;
}

int& depth_of(HookPurpose purpose) {
  return thread_state().depth[static_cast<std::size_t>(kind_of(purpose))];
}

std::uint32_t count_of(id request, SEL selector) {
  NSArray* list = as_array(object_property(request, selector));
  return list != nil ? static_cast<std::uint32_t>([list count]) : 0;
}

// Writes what is in a surface, where that is wanted; says so, or nothing. The name of the file is
// made of our own words and numbers.
std::string keep_surface(Recorder& recorder, id object, const std::string& name) {
  IOSurfaceRef surface = recorder.surface_directory().empty() ? nullptr : surface_of(object);
  if (surface == nullptr)
    return "";
  const auto limit = recorder.take_surface_bytes(
      std::min<std::size_t>(IOSurfaceGetAllocSize(surface), k_max_surface_bytes));
  const auto kept = write_surface(surface, recorder.surface_directory() + "/" + name, limit);
  if (!kept)
    return fmt::format("; not kept: {}", kept.error().message);
  return fmt::format("; {} of {} in {}", human_bytes(kept->written), human_bytes(kept->whole),
                     name);
}

void describe_surfaces(Recorder& recorder, const AneEvent& event, id request, SEL selector,
                       std::string_view side) {
  std::size_t position = 0;
  for (id surface in as_array(object_property(request, selector))) {
    const auto name = fmt::format("program-{}-procedure-{}-{}-{}.bin", *event.program,
                                  event.procedure, side, position);
    recorder.add_surface(fmt::format("program {} procedure {} {} {}: {}{}", *event.program,
                                     event.procedure, side, position, text_of(surface),
                                     keep_surface(recorder, surface, name)));
    ++position;
  }
}

}  // namespace

Observation::Observation(const HookRow& row, std::shared_ptr<Recorder> recorder,
                         const Subject& subject)
    : m_row(row), m_recorder(std::move(recorder)), m_subject(subject) {
  m_outermost = depth_of(row.purpose)++ == 0;
  if (m_outermost) {
    thread_state().status.reset();
    thread_state().process_failed = false;
  }
}

Observation::~Observation() {
  --depth_of(m_row.purpose);
  if (m_finished)
    return;
  if (m_outermost) {
    AneEvent event{.kind = kind_of(m_row.purpose), .hook = m_row.id, .ok = false};
    event.error = FrameworkError{"", 0, "an exception left the call"};
    record(std::move(event), nil);
  } else {
    thread_state().process_failed = true;
  }
}

void Observation::finish(bool ok, id error) noexcept {
  m_finished = true;
  auto& state = thread_state();
  const bool succeeded = ok && error == nil;
  if (m_subject.status != nullptr)
    state.status = *m_subject.status;
  if (!m_outermost) {
    if (m_row.purpose == HookPurpose::process)
      state.process_failed = !succeeded;
    return;
  }
  AneEvent event{.kind = kind_of(m_row.purpose), .hook = m_row.id};
  event.ok = succeeded && !state.process_failed;
  event.status = state.status;
  record(std::move(event), error);
}

void Observation::record(AneEvent event, id error) noexcept {
  if (!m_recorder)
    return;
  try {
    const auto trouble = guarded([&] {
      @autoreleasepool {
        describe(event, error);
      }
    });
    m_recorder->add(std::move(event));
    if (trouble)
      m_recorder->warn(
          fmt::format("{}: reading what was evaluated failed: {}", m_row.id, to_string(*trouble)));
  } catch (const std::exception&) {
    // Out of memory in somebody else's call is not ours to report.
    return;
  }
}

void Observation::describe(AneEvent& event, id error) const {
  if (error != nil)
    event.error = framework_error(static_cast<NSError*>(error));
  id model =
      m_subject.in_memory ? object_property(m_subject.model, @selector(model)) : m_subject.model;
  if (model != nil) {
    const auto token = program_token(model);
    // A load gives a program its names and handle, so what was known of it before is out of date.
    if (event.kind != AneEventKind::load || !event.ok)
      event.program = m_recorder->find_program(token);
    if (!event.program)
      event.program = m_recorder->add_program(token, describe_program(model));
  }
  if (m_subject.request != nil)
    describe_request(event);
}

void Observation::describe_request(AneEvent& event) const {
  id request = m_subject.request;
  const auto procedure = as_integer(object_property(request, @selector(procedureIndex)));
  event.procedure = procedure && *procedure >= 0 ? static_cast<std::uint32_t>(*procedure) : 0;
  event.inputs = count_of(request, @selector(inputArray));
  event.outputs = count_of(request, @selector(outputArray));
  if (event.ok && event.program && m_recorder->first_surfaces(*event.program, event.procedure)) {
    describe_surfaces(*m_recorder, event, request, @selector(inputArray), "input");
    describe_surfaces(*m_recorder, event, request, @selector(outputArray), "output");
  }
}

}  // namespace anecompat::evaluate::apple
