// The look of --help, the same with every version of CLI11.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace anecompat::cli {

class HelpFormatter : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
};

}  // namespace anecompat::cli
