// What `doctor` looks at, and what each finding means.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace anecompat::evaluate {
struct HostReport;
}
namespace anecompat::report {
struct Host;
}

namespace anecompat::cli {

struct DoctorCheck {
  enum class State : std::uint8_t {
    good,
    missing,   // measured evidence is not possible without it
    weaker,    // possible, with less certainty or detail
    not_told,  // cannot be found out here
  };

  std::string id;     // "neural-engine", for scripts
  std::string title;  // "Neural Engine"
  State state = State::not_told;
  std::string value;    // what was found
  std::string meaning;  // what follows from it; empty when it is good and needs no words
  std::string advice;   // what to do about it; may be empty
};

const char* to_string(DoctorCheck::State state);

// Where things are kept, as found by the caller.
struct DoctorFolder {
  std::string id;
  std::string title;
  std::string path;
  std::string meaning;
};

// In the order people read them. `can_measure`: this build has the code for it.
std::vector<DoctorCheck> doctor_checks(const report::Host& host, const evaluate::HostReport& probed,
                                       bool can_measure);

// The folders that are used on this machine, with what is free there.
std::vector<DoctorCheck> doctor_folders();

// Nothing that a measured run needs is missing.
bool can_measure_here(const std::vector<DoctorCheck>& checks);

}  // namespace anecompat::cli
