// Progress of a long run: one line that changes in place on a terminal, plain lines elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace anecompat {

// Safe to use from several threads at once.
class StatusLine {
 public:
  enum class Style : std::uint8_t { in_place, plain, silent };
  using Write = std::function<void(std::string_view)>;

  // `width` is the terminal's (0: 80 columns); only the in-place style is cut to it. `write` gets
  // what has to be printed and is never called by two threads at once.
  StatusLine(Style style, std::size_t width, Write write);
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;
  // Removes the line from the terminal.
  ~StatusLine();

  // Shows `text` instead of what was there. Control characters are made visible.
  void update(std::string_view text);

  // Prints a line that stays, above the status.
  void print(std::string_view line);

  // Removes the line; update() brings it back.
  void clear();

 private:
  void erase();
  void draw();

  const Style m_style;
  const std::size_t m_width;
  const Write m_write;
  std::mutex m_mutex;
  std::string m_text;
  bool m_shown = false;
};

}  // namespace anecompat
