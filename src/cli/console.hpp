// What commands say to people and pipes.
#pragma once

#include "support/error.hpp"

#include <span>
#include <string_view>

namespace anecompat::cli {

// Exit code of a wrong command line, manifest or policy.
inline constexpr int k_exit_usage = 2;
// Exit code when something could not be evaluated, read or written.
inline constexpr int k_exit_not_evaluated = 3;

// Writes to standard output as it is. False when nobody takes it (a closed pipe, a full disk).
bool print(std::string_view text);

// "anecompat: error: …" on standard error, fit for a terminal whatever the message quotes.
void print_error(const Error& error);
void print_errors(std::span<const Error> errors);

// The exit code an error that ends a command stands for: 2 for a wrong command line, manifest or
// policy, else 3.
int exit_code_of(const Error& error);

// Prints the error and returns its exit code.
int fail_with(const Error& error);

}  // namespace anecompat::cli
