// The record of nightly runs: an SQLite file with one row per model, target and run.
#pragma once

#include "report/report.hpp"
#include "support/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct sqlite3;

namespace anecompat::history {

// One evaluation of one run.
struct Point {
  std::string started;  // of the run, RFC 3339
  std::string commit;   // of what was checked; may be empty
  std::string version;  // of anecompat
  std::string level;    // "full", …, "unknown", or "failed"
  std::string evidence;
  std::uint32_t ops = 0;
  std::uint32_t ane_ops = 0;
  std::uint32_t segments = 0;
  std::optional<double> ane_cost_share;  // 0…1
  std::string digest;                    // of the model
};

// What became of one model on one chip, oldest first.
struct Series {
  std::string manifest;
  std::string entry;
  std::string target;
  std::vector<Point> points;
};

enum class Added : std::uint8_t { added, already_there };

class Store {
 public:
  enum class Mode : std::uint8_t { read_only, create };

  // Errors: not_found (read_only), unreadable (another program's file, or a newer anecompat's),
  // system.
  static Result<Store> open(const std::string& path, Mode mode);

  // Records a run, whole or not at all; a run is known by its manifest, start, shard and contents,
  // and counts once. Errors: system.
  Result<Added> add(const report::Report& report, const std::string& commit);

  // Series with the last `runs` runs of their manifest (0: all), ordered by manifest, entry and
  // target. Errors: unreadable, system.
  Result<std::vector<Series>> series(std::uint32_t runs) const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  using Database = std::unique_ptr<sqlite3, Close>;

  Store(Database database, std::string path)
      : m_database(std::move(database)), m_path(std::move(path)) {}

  Database m_database;
  std::string m_path;
};

}  // namespace anecompat::history
