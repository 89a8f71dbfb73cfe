#include "cli/command_shards.hpp"

#include "cli/console.hpp"
#include "cli/saved_report.hpp"
#include "cli/shard_plan.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

namespace anecompat::cli {

namespace {

constexpr const char* k_examples =
    "Examples:\n"
    "  anecompat shards --count 8\n"
    "  anecompat shards models.yml --count 8 --from report.json\n"
    "\n"
    "Prints one line of JSON for `strategy: matrix: ${{ fromJSON(…) }}`; each job then runs\n"
    "`anecompat check --shard ${{ matrix.shard }}`. With --from, give the jobs the same file by\n"
    "--shards-from: every job makes the plan for itself. The same --filter goes to both.\n"
    "\n"
    "Exit codes: 0 done, 2 the command line or manifest is wrong, 4 nothing to check.";

constexpr std::uint32_t k_most_jobs = 256;  // in a matrix, says GitHub
constexpr int k_exit_nothing = 4;

class ShardsCommand : public Command {
 public:
  void setup(CLI::App& app) override;
  int run() override;

 private:
  std::string m_manifest = "anecompat.yml";
  std::uint32_t m_count = 0;
  std::string m_from;
  std::vector<std::string> m_filters;
};

void ShardsCommand::setup(CLI::App& app) {
  app.add_option("MANIFEST", m_manifest, "The models to check (default: anecompat.yml)");
  app.add_option("--count,-n", m_count,
                 "How many shards, at most 256; fewer when there are fewer models")
      ->type_name("N")
      ->required()
      ->check(CLI::Range(1U, k_most_jobs).description(""));
  app.add_option("--from", m_from,
                 "Balance by the run times in this report.json, not by size alone")
      ->type_name("REPORT");
  app.add_option("--filter", m_filters, "Only entries whose name matches; repeatable")
      ->type_name("GLOB")
      ->allow_extra_args(false);
  app.footer(k_examples);
}

std::string matrix(const ShardPlan& plan) {
  auto include = nlohmann::ordered_json::array();
  for (std::uint32_t index = 1; index <= plan.count; ++index) {
    include.push_back({{"shard", fmt::format("{}/{}", index, plan.count)},
                       {"index", index},
                       {"models", std::ranges::count(plan.shard_of, index)}});
  }
  return nlohmann::ordered_json{{"include", include}}.dump();
}

int ShardsCommand::run() {
  const auto manifest = manifest::load_manifest(m_manifest);
  if (!manifest) {
    print_errors(manifest.error());
    return k_exit_usage;
  }
  RunTimes times;
  if (!m_from.empty()) {
    const auto report = load_report(m_from);
    if (!report)
      return fail_with(report.error());
    times = run_times(*report);
  }
  const auto entries = filtered(manifest->entries, m_filters);
  if (entries.empty()) {
    print_error({.kind = ErrorKind::manifest,
                 .message = "there is nothing to check, so there are no shards",
                 .file = m_manifest,
                 .advice = m_filters.empty() ? "" : "--filter matches no entry"});
    return k_exit_nothing;
  }
  const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(m_count, entries.size()));
  const auto plan = plan_shards(entries, sizes_on_disk(entries), times, count);
  const auto total = std::accumulate(plan.loads.begin(), plan.loads.end(), std::uint64_t{0});
  fmt::print(stderr, "{} models in {} shards; the heaviest has {:.0f} % of an even share\n",
             entries.size(), count,
             100.0 * static_cast<double>(*std::ranges::max_element(plan.loads)) * count /
                 static_cast<double>(total));
  return print(matrix(plan) + "\n") ? 0 : k_exit_not_evaluated;
}

}  // namespace

std::unique_ptr<Command> make_shards_command() {
  return std::make_unique<ShardsCommand>();
}

}  // namespace anecompat::cli
