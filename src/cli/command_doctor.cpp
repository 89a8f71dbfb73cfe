#include "cli/command_doctor.hpp"

#include "cli/console.hpp"
#include "cli/doctor_checks.hpp"
#include "cli/host_info.hpp"
#include "cli/parse_values.hpp"
#include "evaluate/apple/apple_evaluator.hpp"
#include "support/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace anecompat::cli {

namespace {

using Json = nlohmann::ordered_json;

// What a run on this host rests on.
std::string verdict(bool measured) {
  return measured ? "measured evidence is possible on this host"
                  : "measured evidence is not possible on this host; models are predicted";
}

std::string text_of(const std::vector<DoctorCheck>& checks, bool measured) {
  std::size_t width = 0;
  for (const auto& check : checks)
    width = std::max(width, check.title.size());
  auto text = verdict(measured) + "\n\n";
  for (const auto& check : checks) {
    text += fmt::format("{:<8} {:<{}}  {}\n", to_string(check.state), check.title, width,
                        printable(check.value));
    const auto below = [&](std::string_view mark, const std::string& line) {
      if (!line.empty())
        text += fmt::format("{:<8} {:<{}}  {}{}\n", "", "", width, mark, printable(line));
    };
    below("", check.meaning);
    below("do: ", check.advice);
  }
  return text;
}

std::string json_of(const std::vector<DoctorCheck>& checks,
                    const std::vector<std::string>& warnings, bool measured) {
  Json json = {{"schema", 1}, {"measured", measured}, {"verdict", verdict(measured)}};
  auto& list = json["checks"] = Json::array();
  for (const auto& check : checks) {
    Json item = {{"id", check.id}, {"state", to_string(check.state)}, {"value", check.value}};
    if (!check.meaning.empty())
      item["meaning"] = check.meaning;
    if (!check.advice.empty())
      item["advice"] = check.advice;
    list.push_back(std::move(item));
  }
  json["warnings"] = warnings;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

class DoctorCommand : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("--format", m_format, "text or json (default: text)")->type_name("FORMAT");
    app.footer(
        "Examples:\n"
        "  anecompat doctor\n"
        "  anecompat doctor --format json | jq -r '.checks[] | select(.state != \"good\").advice'\n"
        "\n"
        "Each line has a state: good; missing, when nothing can be measured without it; weaker, "
        "when\nless can be told; unknown.\n\n"
        "Exit codes: 0 measured evidence is possible here, 1 it is not, 2 wrong usage.");
  }

  int run() override {
    const auto format = parse_text_or_json(m_format);
    if (!format)
      return fail_with(format.error());
    const auto probed = evaluate::probe_host();
    auto checks = doctor_checks(host_info(), probed, evaluate::measuring_available());
    const bool measured = can_measure_here(checks);
    for (auto& folder : doctor_folders())
      checks.push_back(std::move(folder));
    const auto text = *format == TextOrJson::json ? json_of(checks, probed.host.warnings, measured)
                                                  : text_of(checks, measured);
    if (!print(text))
      return k_exit_not_evaluated;
    return measured ? 0 : 1;
  }

 private:
  std::string m_format = "text";
};

}  // namespace

std::unique_ptr<Command> make_doctor_command() {
  return std::make_unique<DoctorCommand>();
}

}  // namespace anecompat::cli
