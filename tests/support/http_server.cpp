#include "support/http_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

namespace anecompat::test {

namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

ServedRequest parse(const std::string& head) {
  ServedRequest request;
  std::istringstream lines(head);
  std::string line;
  std::getline(lines, line);
  std::istringstream first(line);
  first >> request.method >> request.target;
  while (std::getline(lines, line) && line != "\r") {
    const auto colon = line.find(':');
    if (colon == std::string::npos)
      continue;
    const auto begin = line.find_first_not_of(' ', colon + 1);
    const auto end = line.find_last_not_of("\r ");
    request.headers[lower(line.substr(0, colon))] =
        begin == std::string::npos ? "" : line.substr(begin, end - begin + 1);
  }
  return request;
}

}  // namespace

ServedResponse respond(int status, const std::string& body,
                       const std::vector<std::string>& headers) {
  std::string bytes = "HTTP/1.1 " + std::to_string(status) + " Status\r\n";
  for (const auto& header : headers)
    bytes += header + "\r\n";
  bytes +=
      "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
  return {.bytes = bytes};
}

HttpServer::HttpServer(Handler handler) : m_handler(std::move(handler)) {
  m_listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(m_listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(m_listener, 16) != 0 ||
      ::getsockname(m_listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no port for the test server");
  m_port = ntohs(address.sin_port);
  m_thread = std::thread([this] { serve(); });
}

HttpServer::~HttpServer() {
  m_stop = true;
  m_thread.join();
  for (auto& connection : m_connections)
    connection.join();
  ::close(m_listener);
}

std::string HttpServer::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(m_port) + path;
}

std::vector<ServedRequest> HttpServer::requests() const {
  const std::lock_guard lock(m_mutex);
  return m_requests;
}

void HttpServer::serve() {
  while (!m_stop) {
    pollfd polled{m_listener, POLLIN, 0};
    if (::poll(&polled, 1, 20) <= 0)
      continue;
    const int connection = ::accept(m_listener, nullptr, nullptr);
    if (connection >= 0)
      m_connections.emplace_back([this, connection] { answer(connection); });
  }
}

void HttpServer::answer(int connection) {
  std::string received;
  std::array<char, 4096> buffer{};
  std::size_t head_end = std::string::npos;
  std::size_t expected = 0;
  while (true) {
    pollfd polled{connection, POLLIN, 0};
    if (::poll(&polled, 1, 20) <= 0) {
      if (m_stop)
        break;
      continue;
    }
    const auto count = ::recv(connection, buffer.data(), buffer.size(), 0);
    if (count <= 0)
      break;
    received.append(buffer.data(), static_cast<std::size_t>(count));
    if (head_end == std::string::npos &&
        (head_end = received.find("\r\n\r\n")) != std::string::npos)
      expected = head_end + 4 +
                 std::strtoull(parse(received).header("content-length").c_str(), nullptr, 10);
    if (head_end != std::string::npos && received.size() >= expected)
      break;
  }
  if (head_end != std::string::npos) {
    auto request = parse(received);
    request.body = received.substr(head_end + 4);
    ServedResponse response;
    {
      const std::lock_guard lock(m_mutex);
      m_requests.push_back(request);
      response = m_handler(request);
    }
    std::size_t sent = 0;
    while (sent < response.bytes.size()) {
      const auto count = ::send(connection, response.bytes.data() + sent,
                                response.bytes.size() - sent, MSG_NOSIGNAL);
      if (count <= 0)
        break;
      sent += static_cast<std::size_t>(count);
    }
    for (std::size_t i = 0; i < response.drip.size() && !m_stop; ++i) {
      if (::send(connection, &response.drip[i], 1, MSG_NOSIGNAL) <= 0)
        break;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    for (int i = 0; i < response.stall_seconds * 50 && !m_stop; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ::shutdown(connection, SHUT_WR);
  ::close(connection);
}

}  // namespace anecompat::test
