// A web server on loopback that does exactly what a test tells it to, wrong answers included.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace anecompat::test {

struct ServedRequest {
  std::string method;
  std::string target;                          // path and query
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

// What goes over the wire, byte for byte; the connection is closed after it.
struct ServedResponse {
  std::string bytes;
  std::string drip = {};  // then these, one byte every 50 ms
  int stall_seconds = 0;  // then wait so long, or until the server stops
};

// A well-formed response.
ServedResponse respond(int status, const std::string& body = "",
                       const std::vector<std::string>& headers = {});

class HttpServer {
 public:
  using Handler = std::function<ServedResponse(const ServedRequest&)>;

  explicit HttpServer(Handler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const { return m_port; }
  // "http://127.0.0.1:PORT" + path
  std::string url(const std::string& path) const;
  std::vector<ServedRequest> requests() const;

 private:
  void serve();
  void answer(int connection);

  Handler m_handler;
  int m_listener = -1;
  int m_port = 0;
  std::atomic<bool> m_stop = false;
  mutable std::mutex m_mutex;
  std::vector<ServedRequest> m_requests;
  std::vector<std::thread> m_connections;
  std::thread m_thread;
};

}  // namespace anecompat::test
