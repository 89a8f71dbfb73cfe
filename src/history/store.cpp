#include "history/store.hpp"

#include "report/reporter.hpp"
#include "support/sha256.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <filesystem>
#include <string_view>

namespace anecompat::history {

namespace {

// "anec": tells our files from other programs' (PRAGMA application_id).
constexpr int k_application = 0x616e6563;
constexpr int k_schema = 1;
constexpr int k_wait_ms = 10'000;  // for another process that writes

constexpr const char* k_create = R"sql(
CREATE TABLE run (
  id INTEGER PRIMARY KEY, report_digest TEXT NOT NULL UNIQUE, manifest TEXT NOT NULL, started TEXT NOT NULL,
  commit_id TEXT NOT NULL, version TEXT NOT NULL, host TEXT NOT NULL
) STRICT;
CREATE TABLE result (
  run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE, entry TEXT NOT NULL, target TEXT NOT NULL,
  evidence TEXT NOT NULL, level TEXT NOT NULL, ops INTEGER NOT NULL, ane_ops INTEGER NOT NULL,
  segments INTEGER NOT NULL, ane_cost_share REAL, digest TEXT NOT NULL,
  PRIMARY KEY (run, entry, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_by_manifest ON run (manifest, started);
)sql";

constexpr const char* k_series = R"sql(
WITH ranked AS (
  SELECT *, row_number() OVER (PARTITION BY manifest ORDER BY started DESC, id DESC) AS age FROM run
)
SELECT manifest, entry, target, started, commit_id, version, level, evidence, ops, ane_ops, segments,
  ane_cost_share, digest
FROM ranked JOIN result ON result.run = ranked.id
WHERE ?1 = 0 OR age <= ?1
ORDER BY manifest, entry, target, started, id
)sql";

Error failure(sqlite3* database, const std::string& path, ErrorKind kind = ErrorKind::system) {
  return {.kind = kind, .message = sqlite3_errmsg(database), .file = path};
}

// A prepared statement; parameters count from 1, columns from 0.
class Statement {
 public:
  Statement(sqlite3* database, const char* sql) {
    sqlite3_prepare_v2(database, sql, -1, &m_statement, nullptr);
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { sqlite3_finalize(m_statement); }

  void bind(int at, const std::string& value) {
    sqlite3_bind_text64(m_statement, at, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  }
  void bind(int at, std::int64_t value) { sqlite3_bind_int64(m_statement, at, value); }
  void bind(int at, const std::optional<double>& value) {
    if (value)
      sqlite3_bind_double(m_statement, at, *value);
    else
      sqlite3_bind_null(m_statement, at);
  }

  // SQLITE_ROW, SQLITE_DONE or an error; an error, too, when the text was no SQL.
  int step() { return m_statement == nullptr ? SQLITE_ERROR : sqlite3_step(m_statement); }
  void reset() { sqlite3_reset(m_statement); }

  std::string text(int column) const {
    const auto* value = sqlite3_column_text(m_statement, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column));
    return value == nullptr ? std::string()
                            : std::string(reinterpret_cast<const char*>(value), size);
  }
  std::uint32_t number(int column) const {
    return static_cast<std::uint32_t>(sqlite3_column_int64(m_statement, column));
  }
  std::optional<double> real(int column) const {
    if (sqlite3_column_type(m_statement, column) == SQLITE_NULL)
      return std::nullopt;
    return sqlite3_column_double(m_statement, column);
  }

 private:
  sqlite3_stmt* m_statement = nullptr;
};

int pragma(sqlite3* database, const char* sql) {
  Statement statement(database, sql);
  return statement.step() == SQLITE_ROW ? static_cast<int>(statement.number(0)) : -1;
}

// Everything between construction and commit(), or nothing.
class Transaction {
 public:
  explicit Transaction(sqlite3* database) : m_database(database) {
    m_open = sqlite3_exec(database, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK;
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() {
    if (m_open)
      sqlite3_exec(m_database, "ROLLBACK", nullptr, nullptr, nullptr);
  }

  bool begun() const { return m_open; }
  bool commit() {
    m_open = sqlite3_exec(m_database, "COMMIT", nullptr, nullptr, nullptr) != SQLITE_OK;
    return !m_open;
  }

 private:
  sqlite3* m_database;
  bool m_open = false;
};

Result<void> create_tables(sqlite3* database, const std::string& path) {
  Transaction transaction(database);
  if (!transaction.begun())
    return fail(failure(database, path));
  if (pragma(database, "PRAGMA application_id") == k_application)
    return {};  // another process was faster
  const auto sql = fmt::format("{} PRAGMA application_id = {}; PRAGMA user_version = {};", k_create,
                               k_application, k_schema);
  if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK ||
      !transaction.commit())
    return fail(failure(database, path));
  return {};
}

bool is_empty(sqlite3* database) {
  return pragma(database, "PRAGMA application_id") == 0 &&
         pragma(database, "SELECT count(*) FROM sqlite_master") == 0;
}

Result<void> check_kind(sqlite3* database, const std::string& path) {
  if (pragma(database, "PRAGMA application_id") != k_application) {
    return fail({.kind = ErrorKind::unreadable,
                 .message = "is not a history of anecompat",
                 .file = path,
                 .advice = "give the file that `anecompat history add` made"});
  }
  if (const int schema = pragma(database, "PRAGMA user_version"); schema != k_schema) {
    return fail({.kind = ErrorKind::unreadable,
                 .message = fmt::format("has schema {}, and this program knows schema {}", schema,
                                        k_schema),
                 .file = path,
                 .advice = "use the anecompat that wrote it, or a newer one"});
  }
  return {};
}

std::int64_t add_run(sqlite3* database, const report::Report& report, const std::string& digest,
                     const std::string& commit) {
  Statement run(database,
                "INSERT INTO run (report_digest, manifest, started, commit_id, version, host) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
  run.bind(1, digest);
  run.bind(2, report.manifest);
  run.bind(3, report.run.started);
  run.bind(4, commit);
  run.bind(5, report.tool.version);
  run.bind(6, fmt::format("{} {}", report.host.os, report.host.arch));
  return run.step() == SQLITE_DONE ? sqlite3_last_insert_rowid(database) : -1;
}

bool add_results(sqlite3* database, std::int64_t run, const report::Report& report) {
  // A target that is there twice (a report may come from anywhere) counts once.
  Statement row(
      database,
      "INSERT OR IGNORE INTO result (run, entry, target, evidence, level, ops, ane_ops, "
      "segments, ane_cost_share, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
  for (const auto& entry : report.entries) {
    for (const auto& evaluation : entry.evaluations) {
      row.reset();
      row.bind(1, run);
      row.bind(2, entry.name);
      row.bind(3, evaluation.target);
      row.bind(4, std::string(ane::to_string(evaluation.evidence)));
      row.bind(5, evaluation.error ? "failed" : std::string(ane::to_string(evaluation.level)));
      row.bind(6, std::int64_t{evaluation.counts.ops});
      row.bind(7, std::int64_t{evaluation.counts.ane});
      row.bind(8, static_cast<std::int64_t>(evaluation.segments.size()));
      row.bind(9, evaluation.shares.cost);
      row.bind(10, entry.digest);
      if (row.step() != SQLITE_DONE)
        return false;
    }
  }
  return true;
}

}  // namespace

void Store::Close::operator()(sqlite3* database) const {
  sqlite3_close_v2(database);
}

Result<Store> Store::open(const std::string& path, Mode mode) {
  if (mode == Mode::read_only && !std::filesystem::exists(path)) {
    return fail({.kind = ErrorKind::not_found,
                 .message = "there is no such file",
                 .file = path,
                 .advice = "`anecompat history add REPORT.json` makes it"});
  }
  const int flags =
      mode == Mode::create ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  Database database(handle);
  if (code != SQLITE_OK)
    return fail(failure(handle, path));
  sqlite3_busy_timeout(handle, k_wait_ms);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  if (mode == Mode::create && is_empty(handle)) {
    ANECOMPAT_TRY(create_tables(handle, path));
  }
  ANECOMPAT_TRY(check_kind(handle, path));
  return Store(std::move(database), path);
}

Result<Added> Store::add(const report::Report& report, const std::string& commit) {
  auto* database = m_database.get();
  const auto digest = sha256_hex(report::to_json(report));
  Transaction transaction(database);
  if (!transaction.begun())
    return fail(failure(database, m_path));
  {
    Statement known(database, "SELECT 1 FROM run WHERE report_digest = ?1");
    known.bind(1, digest);
    if (known.step() == SQLITE_ROW)
      return Added::already_there;
  }
  const auto run = add_run(database, report, digest, commit);
  if (run < 0 || !add_results(database, run, report) || !transaction.commit())
    return fail(failure(database, m_path));
  return Added::added;
}

Result<std::vector<Series>> Store::series(std::uint32_t runs) const {
  Statement rows(m_database.get(), k_series);
  rows.bind(1, std::int64_t{runs});
  std::vector<Series> result;
  int code = 0;
  while ((code = rows.step()) == SQLITE_ROW) {
    const auto manifest = rows.text(0);
    const auto entry = rows.text(1);
    const auto target = rows.text(2);
    if (result.empty() || result.back().manifest != manifest || result.back().entry != entry ||
        result.back().target != target)
      result.push_back({.manifest = manifest, .entry = entry, .target = target, .points = {}});
    result.back().points.push_back({.started = rows.text(3),
                                    .commit = rows.text(4),
                                    .version = rows.text(5),
                                    .level = rows.text(6),
                                    .evidence = rows.text(7),
                                    .ops = rows.number(8),
                                    .ane_ops = rows.number(9),
                                    .segments = rows.number(10),
                                    .ane_cost_share = rows.real(11),
                                    .digest = rows.text(12)});
  }
  if (code != SQLITE_DONE)
    return fail(failure(m_database.get(), m_path, ErrorKind::unreadable));
  return result;
}

}  // namespace anecompat::history
