// Calling Tandem's services: blocking calls, streams of commands with many rows in flight, and pipelined calls for
// load. All on the completion-queue API (the callback API sleeps up to 100 ms after an idle second). Errors come back
// with their violations and RetryInfo.
#pragma once

#include <google/protobuf/message.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "shared/base/result.h"
#include "tandem/type/v1/type.pb.h"

namespace grpc {
class Channel;
}

namespace tandem::rpc {

struct CallOptions {
  std::chrono::milliseconds deadline{10'000};  // for all tries together
  std::string caller{};                        // metadata tandem-caller
  std::string role{};                          // metadata tandem-role; empty = none stated
  std::string traceparent{};
};

// What passes by itself: the same command with the same request id may be sent again after a while. CANCELLED is not
// among them: it says that a caller gave up, which only a stream that was broken off takes for a reason to go on.
bool passes(Code code);

// Methods are named in full: "tandem.sales.v1.SalesService.AcceptLead". One Client is one connection; safe from any
// thread. Connecting happens with the first call.
class Client {
 public:
  explicit Client(const std::string& address);

  // UNAVAILABLE is tried again, with back-off, until the deadline; but only when the request carries a request_id, for
  // then it cannot be done twice.
  template <class Resp>
  Result<Resp> call(const std::string& method, const google::protobuf::Message& request,
                    const CallOptions& options = {}) {
    Resp response;
    TANDEM_RETURN_IF_ERROR(call(method, request, response, options));
    return response;
  }
  Status call(const std::string& method, const google::protobuf::Message& request, google::protobuf::Message& response,
              const CallOptions& options);

  // UNAVAILABLE if there is no connection until then.
  Status wait_until_connected(std::chrono::milliseconds patience);

  const std::string& address() const { return address_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  std::string address_;
  std::shared_ptr<grpc::Channel> channel_;
};

// A stream of commands, CaptureLeads say: rows go in as fast as the server takes them, answers come back by index. For
// one thread.
class CommandStream {
 public:
  // `index` counts the rows from 0. Answers come within send() and finish(), in any order, once for each row; rows that
  // were sent but not answered when the stream broke get none, and finish() says why.
  using OnAnswer = std::function<void(uint64_t index, Result<type::v1::CommandResult>)>;

  // At most `window` rows are without an answer. The deadline is that of the whole stream.
  CommandStream(Client& client, const std::string& method, const CallOptions& options, size_t window,
                OnAnswer on_answer);
  ~CommandStream();
  CommandStream(const CommandStream&) = delete;
  CommandStream& operator=(const CommandStream&) = delete;

  // Waits while the window is full. An error: the stream is broken, and nothing more can be sent.
  Status send(const google::protobuf::Message& command);
  // No more rows: waits for the answers to all.
  Status finish();
  uint64_t sent() const;
  uint64_t answered() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Unary calls, many at a time, by one thread that polls. No retries.
class AsyncCaller {
 public:
  using OnAnswer = std::function<void(Result<std::unique_ptr<google::protobuf::Message>>)>;

  // `connections` TCP connections share the load.
  explicit AsyncCaller(const std::string& address, int connections = 1);
  ~AsyncCaller();
  AsyncCaller(const AsyncCaller&) = delete;
  AsyncCaller& operator=(const AsyncCaller&) = delete;

  template <class Resp>
  void call(const std::string& method, const google::protobuf::Message& request, const CallOptions& options,
            std::function<void(Result<Resp>)> on_answer) {
    start(method, request, Resp::default_instance(), options,
          [on_answer = std::move(on_answer)](Result<std::unique_ptr<google::protobuf::Message>> answer) {
            if (!answer.ok()) return on_answer(std::move(answer).error());
            on_answer(std::move(static_cast<Resp&>(**answer)));
          });
  }
  void start(const std::string& method, const google::protobuf::Message& request,
             const google::protobuf::Message& response_prototype, const CallOptions& options, OnAnswer on_answer);

  // Waits for an answer until the deadline, then gives all that are there to their callbacks; how many.
  size_t poll(std::chrono::steady_clock::time_point deadline);
  size_t in_flight() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tandem::rpc
