#include "shared/rpc/health.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "shared/base/text.h"
#include "shared/rpc/errors.h"
#include "shared/rpc/wire.h"

namespace tandem::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

Error malformed() { return invalid("request", "is not a valid grpc.health.v1.HealthCheckRequest", "send one message"); }

grpc::ByteBuffer response(HealthCheckResponse::ServingStatus status) {
  HealthCheckResponse message;
  message.set_status(status);
  return to_buffer(message);
}

class HealthCheck : public Handler {
 public:
  HealthCheck(const Health& health, const std::vector<std::string>& services) : health_(health), services_(services) {}

  void on_message(Call& call, grpc::ByteBuffer& message) override {
    HealthCheckRequest request;
    if (!from_buffer(message, request)) return call.finish(to_grpc_status(malformed()));
    const auto status = health_.status(request.service());
    if (status == HealthCheckResponse::SERVICE_UNKNOWN) {
      return call.finish(
          to_grpc_status(make_error(Code::kNotFound, "service", "\"" + request.service() + "\" is not here",
                                    did_you_mean(request.service(), services_))));
    }
    call.write_and_finish(response(status));
  }

  void on_half_close(Call& call) override { call.finish(to_grpc_status(malformed())); }

 private:
  const Health& health_;
  const std::vector<std::string>& services_;
};

}  // namespace

// Sends the latest state; those that a slow client did not take meanwhile are left out.
class HealthWatch : public Handler {
 public:
  explicit HealthWatch(Health& health) : health_(health) {}
  ~HealthWatch() override { health_.watches_.erase(this); }

  void on_message(Call& call, grpc::ByteBuffer& message) override {
    HealthCheckRequest request;
    if (!from_buffer(message, request)) return call.finish(to_grpc_status(malformed()));
    call_ = &call;
    service_ = request.service();
    health_.watches_.insert(this);
    update();
  }

  void on_half_close(Call& call) override {
    if (!call_) call.finish(to_grpc_status(malformed()));
  }
  void on_written(Call&) override { update(); }
  void on_over(Call&) override { health_.watches_.erase(this); }

  void update() {
    const auto now = health_.status(service_);
    if (call_->queued() > 0 || sent_ == now) return;
    sent_ = now;
    call_->write(response(now));
  }

  void end(const grpc::Status& status) { call_->finish(status); }

 private:
  Health& health_;
  Call* call_ = nullptr;
  std::string service_;
  std::optional<HealthCheckResponse::ServingStatus> sent_;
};

void Health::set_serving(bool serving) {
  serving_ = serving;
  for (HealthWatch* watch : watches_) watch->update();
}

HealthCheckResponse::ServingStatus Health::status(const std::string& service) const {
  const bool known = service.empty() || std::find(services_.begin(), services_.end(), service) != services_.end();
  if (!known) return HealthCheckResponse::SERVICE_UNKNOWN;
  return serving_ ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

std::unique_ptr<Handler> Health::check() { return std::make_unique<HealthCheck>(*this, services_); }
std::unique_ptr<Handler> Health::watch() { return std::make_unique<HealthWatch>(*this); }

void Health::end_watches(const grpc::Status& status) {
  for (HealthWatch* watch : watches_) watch->end(status);
}

}  // namespace tandem::rpc
