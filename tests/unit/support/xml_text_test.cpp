#include "support/xml_text.hpp"

#include <gmock/gmock.h>
#include <pugixml.hpp>

#include <string>

namespace anecompat {
namespace {

using namespace std::string_literals;

TEST(XmlText, EscapesMarkupAndTheEndOfCdata) {
  EXPECT_EQ(xml_text("a<b>&\"']]>"), "a&lt;b&gt;&amp;\"']]&gt;");
  EXPECT_EQ(xml_attribute("\"'<\t\n"), "&quot;&#39;&lt;&#9;&#10;");
}

TEST(XmlText, ReplacesWhatXmlCannotHold) {
  EXPECT_EQ(xml_text("a\0b"s), "a\uFFFDb");
  EXPECT_EQ(xml_text("\x1b"), "\uFFFD");
  EXPECT_EQ(xml_text("\xff\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(xml_text("\xef\xbf\xbf"), "\uFFFD");  // U+FFFF
  EXPECT_EQ(xml_text("😀 ok"), "😀 ok");
}

TEST(XmlText, RemovesAnsiFirst) {
  EXPECT_EQ(xml_text("\x1b[31mred\x1b[0m"), "red");
}

TEST(XmlText, ShowsDirectionOverrides) {
  EXPECT_EQ(xml_text("a\xe2\x80\xae"
                     "b"),
            "a\\u{202e}b");
}

TEST(XmlText, EveryByteSequenceIsReadBack) {
  std::string all;
  for (int i = 0; i < 256; ++i)
    all += static_cast<char>(i);
  const auto xml = "<a b=\"" + xml_attribute(all) + "\">" + xml_text(all) + "</a>";
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(xml.c_str()));
  EXPECT_THAT(document.child("a").attribute("b").value(), testing::HasSubstr("\t\n"));
  EXPECT_THAT(document.child("a").child_value(), testing::HasSubstr("<=>?@ABC"));
}

}  // namespace
}  // namespace anecompat
