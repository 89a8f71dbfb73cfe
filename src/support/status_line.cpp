#include "support/status_line.hpp"

#include "support/text.hpp"
#include "support/unicode.hpp"

#include <fmt/format.h>

#include <utility>

namespace anecompat {

namespace {

constexpr std::size_t k_usual_width = 80;
// To the start of the line, and erase what is right of it (ECMA-48 EL).
constexpr std::string_view k_erase_line = "\r\x1b[K";

}  // namespace

StatusLine::StatusLine(Style style, std::size_t width, Write write)
    : m_style(style), m_width(width == 0 ? k_usual_width : width), m_write(std::move(write)) {}

StatusLine::~StatusLine() {
  clear();
}

void StatusLine::update(std::string_view text) {
  if (m_style == Style::silent)
    return;
  const std::scoped_lock lock(m_mutex);
  auto line = printable(text);
  if (line == m_text)
    return;
  m_text = std::move(line);
  draw();
}

void StatusLine::print(std::string_view line) {
  const std::scoped_lock lock(m_mutex);
  const bool shown = m_shown;
  erase();
  m_write(fmt::format("{}\n", line));
  if (shown)
    draw();
}

void StatusLine::clear() {
  const std::scoped_lock lock(m_mutex);
  erase();
  m_text.clear();
}

void StatusLine::erase() {
  if (m_shown)
    m_write(k_erase_line);
  m_shown = false;
}

void StatusLine::draw() {
  if (m_style == Style::plain) {
    m_write(m_text + "\n");
    return;
  }
  // The last column stays free: a full line would wrap on some terminals, and could not be erased.
  m_write(fmt::format("{}{}", k_erase_line, fit_middle(m_text, m_width - 1)));
  m_shown = true;
}

}  // namespace anecompat
