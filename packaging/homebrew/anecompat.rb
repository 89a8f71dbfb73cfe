# Template of the formula: put the version and the SHA-256 of the source archive in, and add it to a tap.
class Anecompat < Formula
  desc "Checks that Core ML models still run on the Apple Neural Engine"
  homepage "https://github.com/OWNER/anecompat"
  url "https://github.com/OWNER/anecompat/archive/refs/tags/v@VERSION@.tar.gz"
  sha256 "@SHA256@"
  license "MIT"
  head "https://github.com/OWNER/anecompat.git", branch: "main"

  depends_on "cli11" => :build
  depends_on "cmake" => :build
  depends_on "ninja" => :build
  depends_on "nlohmann-json" => :build
  depends_on "tl-expected" => :build
  depends_on "fmt"
  depends_on "libarchive"
  depends_on "yaml-cpp"

  uses_from_macos "curl"
  uses_from_macos "sqlite"
  uses_from_macos "zlib"

  on_linux do
    depends_on "openssl@3"
  end

  def install
    system "cmake", "-S", ".", "-B", "build", "-G", "Ninja", "-DANECOMPAT_TESTS=OFF", *std_cmake_args
    system "cmake", "--build", "build"
    system "cmake", "--install", "build"
    pkgshare.install "examples"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/anecompat --version")
    system bin/"anecompat", "check", pkgshare/"examples/anecompat.yml", "--quiet"
  end
end
