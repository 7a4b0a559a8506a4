#include "shared/runtime/admin_http.h"

#include <httplib.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include "shared/base/text.h"

namespace tandem::runtime {
namespace {

// httplib asks for SO_REUSEPORT by itself, with which two processes of a user share a port, and half of the scrapes and
// probes go to either. This one only says that connections which have ended do not hold the port.
void only_one_listener(socket_t socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

class HttplibAdmin : public AdminHttp {
 public:
  HttplibAdmin(std::function<std::string()> metrics, std::function<Health()> health) {
    server_.set_socket_options(only_one_listener);
    // Two scrapers and a probe at a time are many.
    server_.new_task_queue = [] { return new httplib::ThreadPool(2); };
    server_.Get("/metrics", [metrics = std::move(metrics)](const httplib::Request&, httplib::Response& response) {
      response.set_content(metrics(), "text/plain; version=0.0.4");
    });
    server_.Get("/healthz", [health = std::move(health)](const httplib::Request&, httplib::Response& response) {
      const Health now = health();
      response.status = now.ok ? 200 : 503;
      response.set_content(now.words + "\n", "text/plain");
    });
  }

  ~HttplibAdmin() override {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  bool listen(const std::string& host, int port) {
    host_ = host;
    port_ = port;
    if (port == 0) port_ = server_.bind_to_any_port(host.c_str());
    if (port != 0 && !server_.bind_to_port(host.c_str(), port)) port_ = -1;
    if (port_ <= 0) return false;
    thread_ = std::thread([this] {
      server_.listen_after_bind();
      ended_ = true;
    });
    // httplib does not stop what does not run yet: an end right after the beginning would be waited for, for ever.
    while (!server_.is_running() && !ended_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return true;
  }

  std::string address() const override { return host_ + ":" + std::to_string(port_); }

 private:
  httplib::Server server_;
  std::string host_;
  int port_ = 0;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<AdminHttp>> AdminHttp::start(const std::string& address, std::function<std::string()> metrics,
                                                    std::function<Health()> health) {
  const size_t colon = address.rfind(':');
  const auto port = colon == std::string::npos ? std::nullopt : parse_integer(address.substr(colon + 1));
  if (!port || *port < 0 || *port > 65535) return invalid("admin", "is \"" + address + "\"", "write host:port");
  auto admin = std::make_unique<HttplibAdmin>(std::move(metrics), std::move(health));
  if (!admin->listen(address.substr(0, colon), static_cast<int>(*port))) {
    return make_error(Code::kUnavailable, "the admin port " + address + " cannot be opened; is it taken?");
  }
  return std::unique_ptr<AdminHttp>(std::move(admin));
}

}  // namespace tandem::runtime
