#include "report/reporter.hpp"
#include "sample_report.hpp"

#include <gmock/gmock.h>
#include <pugixml.hpp>

#include <array>
#include <cstring>
#include <set>
#include <string>

namespace anecompat::report {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string html(const Report& report) {
  const std::array rules = {RuleText{"expectation-not-met", "title <b>", "help & more"}};
  return render(report, {.format = Format::html}, {.rules = rules});
}

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++found;
  return found;
}

// The body is written as well-formed XML, so that a stray "<" of a name shows as a parse error.
void expect_well_formed(const std::string& page) {
  const auto begin = page.find("<body>");
  const auto end = page.find("</html>");
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  pugi::xml_document document;
  const auto body = page.substr(begin, end - begin);
  const auto result = document.load_string(body.c_str());
  ASSERT_TRUE(result) << result.description() << " at "
                      << body.substr(
                             result.offset > 0 ? static_cast<std::size_t>(result.offset) - 1 : 0,
                             80);
  const std::set<std::string> ours = {
      "body",    "main", "header", "h1",      "h2",  "h3",    "h4",    "span",    "p",
      "b",       "i",    "small",  "section", "div", "table", "thead", "tbody",   "tr",
      "th",      "td",   "a",      "ul",      "li",  "pre",   "code",  "details", "summary",
      "article", "svg",  "rect",   "title",   "dl",  "dt",    "dd",    "footer"};
  document.find_node([&](const pugi::xml_node& node) {
    if (node.type() == pugi::node_element) {
      EXPECT_TRUE(ours.contains(node.name())) << node.name();
      for (const auto attribute : node.attributes())
        EXPECT_NE(std::strncmp(attribute.name(), "on", 2), 0) << attribute.name();
    }
    return false;
  });
}

TEST(HtmlReporter, IsWellFormed) {
  expect_well_formed(html(test::sample()));
  expect_well_formed(html(Report{}));
}

TEST(HtmlReporter, HostileNamesAreOnlyText) {
  const auto page = html(test::hostile());
  expect_well_formed(page);
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
}

TEST(HtmlReporter, NeedsNothingElse) {
  const auto page = html(test::sample());
  for (const auto* outside : {"src=", "<link", "@import", "url(", "<script", "http://", "https://"})
    EXPECT_THAT(page, Not(HasSubstr(outside)));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  EXPECT_THAT(page, HasSubstr("prefers-color-scheme: dark"));
}

TEST(HtmlReporter, DrawsEveryOperationAndSegment) {
  auto report = test::sample();
  report.entries = {report.entries[1]};
  report.entries[0].evaluations = {test::evaluation("h13", 200, 10)};
  const auto page = html(report);
  EXPECT_EQ(count(page, "<rect class=\"cpu\""), 20U);
  EXPECT_EQ(count(page, "<rect class=\"ane"), 180U);
  EXPECT_THAT(page,
              HasSubstr("<title>#9 main/conv_9 (conv, fp16[1, 64, 32, 32]): cpu – "
                        "fp32-precision: fp32[1, 64]: the ANE computes in fp16 only</title>"));
  // 40 segments, three of which go on in the next row of 64 cells.
  EXPECT_EQ(count(page, "<rect class=\"frame "), 43U);
}

TEST(HtmlReporter, TargetsThatLookTheSameAreDrawnOnce) {
  auto report = test::sample();
  report.entries = {report.entries[0]};
  const auto page = html(report);
  EXPECT_EQ(count(page, "<svg"), 1U);
  EXPECT_THAT(page, HasSubstr("<h4>h13, h16 "));
}

TEST(HtmlReporter, LargeModelsGetABar) {
  auto report = test::sample();
  report.entries = {report.entries[1]};
  report.entries[0].evaluations = {test::evaluation("h13", 100'000, 1000)};
  const auto page = html(report);
  EXPECT_THAT(page, HasSubstr("<svg class=\"bar\""));
  EXPECT_THAT(page, Not(HasSubstr("<svg class=\"map\"")));
  EXPECT_LT(page.size(), 200'000U);
}

TEST(HtmlReporter, ExplainsTheRulesThatMatter) {
  EXPECT_THAT(
      html(test::sample()),
      HasSubstr("<code>expectation-not-met</code> – title &lt;b&gt;</dt><dd>help &amp; more"));
}

}  // namespace
}  // namespace anecompat::report
