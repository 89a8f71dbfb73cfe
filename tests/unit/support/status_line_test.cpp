#include "support/status_line.hpp"

#include <gmock/gmock.h>

#include <string>
#include <thread>
#include <vector>

namespace anecompat {
namespace {

struct Screen {
  std::string text;
  StatusLine::Write write() {
    return [this](std::string_view part) { text += part; };
  }
};

TEST(StatusLine, ChangesInPlace) {
  Screen screen;
  StatusLine status(StatusLine::Style::in_place, 20, screen.write());
  status.update("one");
  status.update("two");
  EXPECT_EQ(screen.text, "\r\x1b[Kone\r\x1b[Ktwo");
}

TEST(StatusLine, IsGoneAtTheEnd) {
  Screen screen;
  {
    StatusLine status(StatusLine::Style::in_place, 20, screen.write());
    status.update("one");
  }
  EXPECT_EQ(screen.text, "\r\x1b[Kone\r\x1b[K");
}

TEST(StatusLine, FitsTheTerminalAndKeepsBothEnds) {
  Screen screen;
  StatusLine status(StatusLine::Style::in_place, 12, screen.write());
  status.update("[1/9] a/very/long/path/model");
  EXPECT_EQ(screen.text, "\r\x1b[K[1/9]…model");
}

TEST(StatusLine, PrintsPlainLinesElsewhere) {
  Screen screen;
  {
    StatusLine status(StatusLine::Style::plain, 4, screen.write());
    status.update("[1/2] detector");
    status.update("[1/2] detector");
    status.print("note");
    status.update("[2/2] encoder");
  }
  EXPECT_EQ(screen.text, "[1/2] detector\nnote\n[2/2] encoder\n");
}

TEST(StatusLine, PermanentLinesGoAboveIt) {
  Screen screen;
  StatusLine status(StatusLine::Style::in_place, 20, screen.write());
  status.update("busy");
  status.print("done: a");
  EXPECT_EQ(screen.text, "\r\x1b[Kbusy\r\x1b[Kdone: a\n\r\x1b[Kbusy");
}

TEST(StatusLine, DisarmsNames) {
  Screen screen;
  StatusLine status(StatusLine::Style::plain, 0, screen.write());
  status.update("a\x1b[2J\nb");
  EXPECT_EQ(screen.text, "a\\x1b[2J\\x0ab\n");
}

TEST(StatusLine, SilentSaysOnlyWhatStays) {
  Screen screen;
  StatusLine status(StatusLine::Style::silent, 20, screen.write());
  status.update("busy");
  status.print("note");
  EXPECT_EQ(screen.text, "note\n");
}

TEST(StatusLine, TakesUpdatesFromSeveralThreads) {
  Screen screen;
  StatusLine status(StatusLine::Style::plain, 0, screen.write());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&status, i] {
      for (int j = 0; j < 100; ++j)
        status.print("thread " + std::to_string(i));
    });
  }
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(screen.text.size(), 400 * std::string("thread 0\n").size());
}

}  // namespace
}  // namespace anecompat
