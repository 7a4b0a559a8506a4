// The floor's gRPC side and loop: a generic service on one completion queue, one thread that drains it, executes what
// came together with consumed records as one batch, and answers. Every method is a capture.
#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tests/bench/floor/consumer.h"
#include "tests/bench/floor/engine.h"

namespace tandem::bench {

class FloorServer {
 public:
  FloorServer(FloorEngine& engine, bool takes_requests);
  ~FloorServer();

  int port() const { return port_; }
  void run(Consumer& consumer, const std::atomic<bool>& stop);
  // Any thread: lets run() look at the consumer's queue.
  void wake();

 private:
  struct Call {
    grpc::GenericServerContext context;
    grpc::GenericServerAsyncReaderWriter stream{&context};
    grpc::ByteBuffer buffer;
    enum class At { kAccepting, kReading, kFinishing } at = At::kAccepting;
  };

  void accept();
  void handle(Call* call, bool ok);
  // Takes what is there, after waiting for it if it may; calls whose requests have come are in ready_ then.
  void drain_queue(bool may_wait);
  void answer(Call& call, const std::string& lead);

  FloorEngine& engine_;
  grpc::AsyncGenericService service_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  std::vector<Call*> ready_;
  bool woken_ = false;
  std::mutex wake_mutex_;
  grpc::Alarm alarm_;
  bool alarm_set_ = false;
};

}  // namespace tandem::bench
