// The machine we run on, as reports name it.
#pragma once

#include "ane/chip.hpp"
#include "report/report.hpp"

#include <optional>
#include <string>

namespace anecompat::cli {

// Never fails; what cannot be found out stays empty.
report::Host host_info();

// The ANE generation of this machine; nullopt when it has no Apple chip we know.
std::optional<ane::ChipFamily> host_family();
std::optional<ane::ChipFamily> family_of(const report::Host& host);

// The chip to answer for when none is asked for: this machine's, else h16.
ane::ChipFamily default_target();

// "this host (Debian GNU/Linux 12, x86_64) has no ANE", and why when it is a virtual machine;
// empty when it has one.
std::string why_no_ane(const report::Host& host);

// The version and commit of this program.
report::Tool tool_info();

// The name of an operating system from the text of its /etc/os-release; empty when it has none.
std::string os_release_name(const std::string& text);

}  // namespace anecompat::cli
