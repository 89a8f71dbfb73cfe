#include "cli/command_calibrate.hpp"

#include "ane/cost_table.hpp"
#include "ane/observations.hpp"
#include "cli/calibrate_view.hpp"
#include "cli/console.hpp"
#include "cli/parse_values.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace anecompat::cli {

namespace {

class CalibrateCommand : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("ANALYTICS", m_paths, "analytics.mil files that Core ML wrote on one machine")
        ->required();
    app.add_option("--table", m_table,
                   "Compare with this cost table (default: that of --chip, else of h16)")
        ->type_name("NAME");
    app.add_option("--chip", m_chip, "The machine the files are from; the proposed table is for it")
        ->type_name("CHIP");
    app.add_option("--os", m_os, "Its system, \"macOS 15.5\"; part of the proposed table's name")
        ->type_name("OS");
    app.add_option("--rules", m_rules,
                   "Use the cost tables in this directory, not the built-in ones")
        ->type_name("DIR");
    app.footer(
        "Prints how well the table reproduces the estimates, where it does not, and then the "
        "table\n"
        "that would: save that as DIR/costs-NAME.yml, name it in DIR/cost-tables.yml, and predict\n"
        "with --rules DIR. docs/prediction.md says how to get an analytics.mil from a Mac.\n"
        "\n"
        "Examples:\n"
        "  anecompat calibrate analytics.mil\n"
        "  anecompat calibrate *.mil --chip m3 --os \"macOS 15.5\" > report.txt\n"
        "\n"
        "Exit codes: 0 compared, 2 the command line is wrong, 3 a file cannot be read.");
  }

  int run() override {
    const auto tables = ane::load_cost_tables(m_rules);
    if (!tables)
      return fail_with(tables.error());
    auto family = ane::ChipFamily::h16;
    if (!m_chip.empty()) {
      const auto chip = ane::parse_chip(m_chip);
      if (!chip)
        return fail_with(chip.error());
      family = *chip;
    }
    const auto table = choose_table(*tables, family);
    if (!table)
      return fail_with(table.error());
    std::vector<ane::ObservedFile> files;
    for (const auto& path : m_paths) {
      auto file = ane::read_observations(path);
      if (!file)
        return fail_with(file.error());
      files.push_back(std::move(*file));
    }
    return show(files, **table, family);
  }

 private:
  Result<const ane::CostTable*> choose_table(const ane::CostTables& tables,
                                             ane::ChipFamily family) const {
    if (m_table.empty())
      return tables.choice(family).table.get();
    std::vector<std::string_view> names;
    for (const auto& [name, table] : tables.tables)
      names.push_back(name);
    ANECOMPAT_TRY_ASSIGN(const auto index, parse_choice("--table", m_table, names));
    return tables.tables.find(names[index])->second.get();
  }

  int show(const std::vector<ane::ObservedFile>& files, const ane::CostTable& table,
           ane::ChipFamily family) const {
    std::vector<ane::CostObservation> rows;
    for (const auto& file : files)
      rows.insert(rows.end(), file.rows.begin(), file.rows.end());
    const auto calibration = ane::calibrate(rows, table);
    auto out = calibration_text(files, calibration, table);
    if (!calibration.deviations.empty() || !m_chip.empty())
      out += "\n# the table that these files propose\n" +
             ane::proposed_table(calibration, table, header(family));
    return print(out) ? 0 : k_exit_not_evaluated;
  }

  ane::TableHeader header(ane::ChipFamily family) const {
    const auto chip = m_chip.empty() ? std::string("unknown-chip") : m_chip;
    const auto os = m_os.empty() ? std::string("unknown-os") : m_os;
    std::string name;
    for (const char c : to_lower(chip + "-" + os)) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
      if (plain)
        name += c;
    }
    return {.name = name,
            .family = family,
            .chip = chip,
            .os = os,
            .source = fmt::format("anecompat calibrate, {}",
                                  counted(m_paths.size(), "analytics.mil file"))};
  }

  std::vector<std::string> m_paths;
  std::string m_table;
  std::string m_chip;
  std::string m_os;
  std::string m_rules;
};

}  // namespace

std::unique_ptr<Command> make_calibrate_command() {
  return std::make_unique<CalibrateCommand>();
}

}  // namespace anecompat::cli
