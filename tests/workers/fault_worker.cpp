// A worker that does what the first word of the model's file name says: "crash_017.mlmodel".
#include "evaluate/measurement_json.hpp"
#include "evaluate/worker.hpp"
#include "evaluate/worker_protocol.hpp"
#include "support/subprocess.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

namespace {

using namespace anecompat;

void send(std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(k_result_channel, text.data(), text.size());
    if (count <= 0)
      ::_exit(99);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

[[noreturn]] void hang() {
  while (true)
    ::pause();
}

[[noreturn]] void hang_with_a_child() {
  ::fork();
  hang();
}

[[noreturn]] void flood() {
  const std::string noise(1U << 20U, '{');
  while (true)
    send(noise);
}

// The first try ends in a crash, later ones do not.
void crash_once(const std::string& model) {
  const auto marker = model + ".tried";
  if (std::filesystem::exists(marker))
    return;
  std::ofstream(marker) << "once";
  std::raise(SIGSEGV);
}

std::string with_other_target(const std::string& answer) {
  auto json = nlohmann::ordered_json::parse(answer);
  json["result"]["evaluations"][0]["target"] = "h14";
  return json.dump();
}

std::string of_other_protocol(const std::string& answer) {
  auto json = nlohmann::ordered_json::parse(answer);
  json["protocol"] = 99;
  return json.dump();
}

// A Mac on which every prediction used the ANE twice, with nothing to tell for what.
std::string measurement() {
  using namespace evaluate;
  Measurement measurement;
  measurement.host.arch = "arm64";
  measurement.host.framework_loaded = true;
  measurement.reached = MeasureStep::done;
  HookStatus hook;
  hook.id = "E1";
  hook.state = HookState::installed;
  measurement.hooks = {hook};
  for (const auto phase : {Phase::warm_up, Phase::predict, Phase::predict}) {
    PredictionRecord record;
    record.phase = phase;
    record.ok = true;
    measurement.predictions.push_back(record);
  }
  AneTally tally;
  tally.phase = Phase::predict;
  tally.succeeded = 4;
  measurement.tallies = {tally};
  return result_document(nlohmann::ordered_json::parse(to_json(measurement)));
}

int act(const std::string& fault, const std::string& model, const std::string& request) {
  std::cerr << "loading \x1b[31m" << model << "\nabout to " << fault << '\n';
  if (fault == "crash")
    std::raise(SIGSEGV);
  if (fault == "abort")
    std::abort();
  if (fault == "killed")
    std::raise(SIGKILL);
  if (fault == "hang")
    hang_with_a_child();
  if (fault == "exit")
    return 7;
  if (fault == "silent")
    return 0;
  if (fault == "flood")
    flood();
  if (fault == "garbage") {
    send(std::string_view("\0\xff{{{ not an answer", 20));
    return 0;
  }
  if (fault == "deep") {
    send("{\"protocol\":1,\"result\":" + std::string(200'000, '['));
    return 0;
  }
  if (fault == "flaky")
    crash_once(model);
  if (fault == "measured") {
    send(measurement());
    return 0;
  }
  const auto answer = evaluate::answer_request(request);
  if (!answer)
    return 2;
  if (fault == "truncated")
    send(std::string_view(*answer).substr(0, answer->size() / 2));
  else if (fault == "foreign")
    send(with_other_target(*answer));
  else if (fault == "newer")
    send(of_other_protocol(*answer));
  else
    send(*answer);
  if (fault == "late")
    hang();
  if (fault == "teardown")
    std::raise(SIGABRT);
  return 0;
}

}  // namespace

int main() {
  const std::string request{std::istreambuf_iterator<char>(std::cin), {}};
  const auto model = nlohmann::json::parse(request).at("model").get<std::string>();
  const auto name = std::filesystem::path(model).stem().string();
  return act(name.substr(0, name.find('_')), model, request);
}
