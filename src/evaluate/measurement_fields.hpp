// The members of a measurement by name, each described once; and the words of its enumerations.
#pragma once

#include "evaluate/measurement.hpp"

#include <span>

namespace anecompat::evaluate {

template <typename E>
struct Word {
  E value;
  const char* text;
};

inline constexpr Word<HookState> k_hook_states[] = {{HookState::installed, "installed"},
                                                    {HookState::absent, "absent"},
                                                    {HookState::mismatch, "mismatch"}};
inline constexpr Word<HookPurpose> k_hook_purposes[] = {
    {HookPurpose::evaluate, "evaluate"}, {HookPurpose::process, "process"},
    {HookPurpose::chain, "chain"},       {HookPurpose::chain_input, "chain-input"},
    {HookPurpose::compile, "compile"},   {HookPurpose::load, "load"}};
inline constexpr Word<Phase> k_phases[] = {{Phase::idle, "idle"},
                                           {Phase::plan, "plan"},
                                           {Phase::load, "load"},
                                           {Phase::warm_up, "warm-up"},
                                           {Phase::predict, "predict"}};
inline constexpr Word<NameSource> k_name_sources[] = {{NameSource::none, "none"},
                                                      {NameSource::espresso_key, "espresso-key"},
                                                      {NameSource::symbols, "symbols"}};
inline constexpr Word<AneEventKind> k_event_kinds[] = {{AneEventKind::compile, "compile"},
                                                       {AneEventKind::load, "load"},
                                                       {AneEventKind::evaluate, "evaluate"},
                                                       {AneEventKind::chain, "chain"},
                                                       {AneEventKind::chain_input, "chain-input"}};
inline constexpr Word<MeasureStep> k_steps[] = {
    {MeasureStep::probe, "probe"}, {MeasureStep::compile, "compile"}, {MeasureStep::load, "load"},
    {MeasureStep::input, "input"}, {MeasureStep::predict, "predict"}, {MeasureStep::done, "done"}};
inline constexpr Word<ane::Backend> k_backends[] = {
    {ane::Backend::ane, "ane"}, {ane::Backend::cpu, "cpu"}, {ane::Backend::gpu, "gpu"}};

inline std::span<const Word<HookState>> words(HookState) {
  return k_hook_states;
}
inline std::span<const Word<HookPurpose>> words(HookPurpose) {
  return k_hook_purposes;
}
inline std::span<const Word<Phase>> words(Phase) {
  return k_phases;
}
inline std::span<const Word<NameSource>> words(NameSource) {
  return k_name_sources;
}
inline std::span<const Word<AneEventKind>> words(AneEventKind) {
  return k_event_kinds;
}
inline std::span<const Word<MeasureStep>> words(MeasureStep) {
  return k_steps;
}
inline std::span<const Word<ane::Backend>> words(ane::Backend) {
  return k_backends;
}

template <typename Archive>
void fields(Archive& archive, FrameworkError& error) {
  archive("domain", error.domain);
  archive("code", error.code);
  archive("message", error.message);
}

template <typename Archive>
void fields(Archive& archive, HostProbe& host) {
  archive("os_version", host.os_version);
  archive("os_build", host.os_build);
  archive("arch", host.arch);
  archive("hardware_model", host.hardware_model);
  archive("chip_name", host.chip_name);
  archive("virtual_machine", host.virtual_machine);
  archive("framework_loaded", host.framework_loaded);
  archive("compute_plan", host.compute_plan);
  archive("compute_devices_known", host.compute_devices_known);
  archive("neural_engine_listed", host.neural_engine_listed);
  archive("neural_engine_cores", host.neural_engine_cores);
  archive("private_has_ane", host.private_has_ane);
  archive("ane_architecture", host.ane_architecture);
  archive("missing", host.missing);
  archive("warnings", host.warnings);
}

template <typename Archive>
void fields(Archive& archive, HookStatus& hook) {
  archive("id", hook.id);
  archive("class", hook.class_name);
  archive("selector", hook.selector);
  archive("purpose", hook.purpose);
  archive("state", hook.state);
  archive("detail", hook.detail);
}

template <typename Archive>
void fields(Archive& archive, AneProcedure& procedure) {
  archive("index", procedure.index);
  archive("inputs", procedure.inputs);
  archive("outputs", procedure.outputs);
}

template <typename Archive>
void fields(Archive& archive, AneProgram& program) {
  archive("string_id", program.string_id);
  archive("handle", program.handle);
  archive("uuid", program.uuid);
  archive("key", program.key);
  archive("model_url", program.model_url);
  archive("source_url", program.source_url);
  archive("cache_identifier", program.cache_identifier);
  archive("identifier_source", program.identifier_source);
  archive("espresso_segment", program.espresso_segment);
  archive("names", program.names);
  archive("procedures", program.procedures);
}

template <typename Archive>
void fields(Archive& archive, AneEvent& event) {
  archive("kind", event.kind);
  archive("phase", event.phase);
  archive("hook", event.hook);
  archive("program", event.program);
  archive("procedure", event.procedure);
  archive("inputs", event.inputs);
  archive("outputs", event.outputs);
  archive("thread", event.thread);
  archive("ok", event.ok);
  archive("status", event.status);
  archive("error", event.error);
}

template <typename Archive>
void fields(Archive& archive, AneTally& tally) {
  archive("kind", tally.kind);
  archive("phase", tally.phase);
  archive("program", tally.program);
  archive("procedure", tally.procedure);
  archive("succeeded", tally.succeeded);
  archive("failed", tally.failed);
}

template <typename Archive>
void fields(Archive& archive, PlannedOp& op) {
  archive("stage", op.stage);
  archive("function", op.function);
  archive("name", op.name);
  archive("type", op.type);
  archive("depth", op.depth);
  archive("preferred", op.preferred);
  archive("supported", op.supported);
  archive("weight", op.weight);
  archive("ane_message", op.ane_message);
}

template <typename Archive>
void fields(Archive& archive, ComputePlan& plan) {
  archive("ops", plan.ops);
}

template <typename Archive>
void fields(Archive& archive, PredictionRecord& record) {
  archive("phase", record.phase);
  archive("ok", record.ok);
  archive("duration_us", record.duration);
  archive("error", record.error);
}

template <typename Archive>
void fields(Archive& archive, Measurement& measurement) {
  archive("host", measurement.host);
  archive("hooks", measurement.hooks);
  archive("programs", measurement.programs);
  archive("events", measurement.events);
  archive("events_dropped", measurement.events_dropped);
  archive("tallies", measurement.tallies);
  archive("plan", measurement.plan);
  archive("plan_error", measurement.plan_error);
  archive("predictions", measurement.predictions);
  archive("reached", measurement.reached);
  archive("failure", measurement.failure);
  archive("inputs", measurement.inputs);
  archive("surfaces", measurement.surfaces);
  archive("outputs", measurement.outputs);
  archive("bundles", measurement.bundles);
  archive("warnings", measurement.warnings);
}

}  // namespace anecompat::evaluate
