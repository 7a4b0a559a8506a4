#include "shared/rpc/server.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <unordered_set>
#include <utility>

#include "shared/rpc/command_handlers.h"
#include "shared/rpc/deadline.h"
#include "shared/rpc/dispatcher.h"
#include "shared/rpc/errors.h"
#include "shared/rpc/listening.h"
#include "shared/rpc/read_handler.h"
#include "shared/rpc/waker.h"

namespace tandem::rpc {
namespace {

using std::chrono::milliseconds;
using SteadyTime = std::chrono::steady_clock::time_point;

// Calls that may come at once before a turn of the loop.
constexpr int kWaitingForClients = 64;
// Deadlines and stuck streams are looked at so often.
constexpr milliseconds kTick{100};
// Events of one turn; what is left stays in the queue.
constexpr int kMaxEvents = 4096;

class ServerImpl : public Server, private CallHost {
 public:
  ServerImpl(MethodTable table, Queries& queries, Chance& chance, ServerOptions options)
      : options_(std::move(options)),
        table_(std::move(table)),
        desk_(options_.max_waiting),
        reads_(queries),
        health_(Dispatcher::all_services(table_)),
        core_{options_, table_, chance, desk_, reads_, counters_, {}, false},
        dispatcher_(core_, health_) {}

  ~ServerImpl() override {
    if (server_) shutdown(milliseconds(0));
  }

  Status listen() {
    TANDEM_ASSIGN_OR_RETURN(Listening listening, rpc::listen(options_, service_));
    port_ = listening.port;
    queue_ = std::move(listening.queue);
    server_ = std::move(listening.server);
    waker_ = std::make_unique<Waker>(*queue_, &wake_tag_);
    for (int i = 0; i < kWaitingForClients; ++i) wait_for_client();
    return {};
  }

  int port() const override { return port_; }
  std::string address() const override {
    return options_.address.substr(0, options_.address.rfind(':') + 1) + std::to_string(port_);
  }

  std::vector<IncomingCommand> poll(SteadyTime deadline, size_t max) override;
  void answer(AnswerToken token, Result<type::v1::CommandResult> result) override { desk_.answer(token, result); }
  void wake() override { waker_->wake(); }

  void set_serving(bool serving) override {
    if (!core_.draining) health_.set_serving(serving);
  }
  void drain() override;
  bool idle() const override { return desk_.waiting() == 0 && reads_.empty() && core_.streams.empty(); }
  void shutdown(milliseconds grace) override;

  ServerCounters counters() const override {
    ServerCounters counters = counters_;
    counters.commands = desk_.taken();
    counters.expired = desk_.expired();
    counters.waiting = desk_.waiting();
    counters.open_calls = calls_.size();
    return counters;
  }

 private:
  // Counted by gRPC until they come back; not ours to delete before.
  void wait_for_client() { new Call(*this, service_, *queue_); }

  void on_accepted(Call& call) override {
    calls_.insert(&call);
    ++counters_.calls;
    if (!ending_) wait_for_client();
    dispatcher_.begin(call);
  }

  void on_retired(Call* call, bool) override {
    calls_.erase(call);
    delete call;
  }

  void handle(void* tag, bool ok) {
    if (tag == &wake_tag_) {
      waker_->woken();
      woken_ = true;
      return;
    }
    const auto& event = *static_cast<Call::Tag*>(tag);
    event.call->proceed(event.event, ok);
  }

  // Not at all if there is work; without calls there is nothing to look around for.
  SteadyTime wait_until(SteadyTime deadline) const {
    if (desk_.ready() > 0 || !reads_.empty() || woken_) return SteadyTime{};
    return calls_.empty() ? deadline : std::min(deadline, looked_around_ + kTick);
  }
  void look_around();
  void cancel_stuck_streams(SteadyTime now);
  void end_calls();

  const ServerOptions options_;
  const MethodTable table_;
  ServerCounters counters_;
  Desk desk_;
  ReadQueue reads_;
  Health health_;
  Core core_;
  Dispatcher dispatcher_;

  grpc::AsyncGenericService service_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Waker> waker_;
  char wake_tag_ = 0;
  int port_ = 0;
  std::unordered_set<Call*> calls_;
  SteadyTime looked_around_;
  bool woken_ = false;
  bool ending_ = false;
};

std::vector<IncomingCommand> ServerImpl::poll(SteadyTime deadline, size_t max) {
  woken_ = false;
  look_around();
  for (int events = 0; events < kMaxEvents && desk_.ready() < max; ++events) {
    const SteadyTime until = wait_until(deadline);
    void* tag = nullptr;
    bool ok = false;
    const auto next = queue_->AsyncNext(&tag, &ok, grpc_deadline(until));
    if (next == grpc::CompletionQueue::SHUTDOWN) break;
    if (next == grpc::CompletionQueue::GOT_EVENT) {
      handle(tag, ok);
      continue;
    }
    // Nothing more is there.
    if (desk_.ready() > 0 || woken_ || std::chrono::steady_clock::now() >= deadline) break;
    reads_.run(options_.read_budget);
    look_around();
  }
  reads_.run(options_.read_budget);
  auto commands = desk_.take(max, std::chrono::system_clock::now());
  desk_.tell_of_room();
  return commands;
}

void ServerImpl::look_around() {
  const SteadyTime now = std::chrono::steady_clock::now();
  desk_.tell_of_room();
  if (now - looked_around_ < kTick) return;
  looked_around_ = now;
  desk_.expire(std::chrono::system_clock::now());
  cancel_stuck_streams(now);
}

void ServerImpl::cancel_stuck_streams(SteadyTime now) {
  for (Call* call : calls_) {
    const auto since = call->writing_since();
    if (!since || now - *since < options_.stream_write_timeout) continue;
    ++counters_.stuck_streams;
    call->cancel();
  }
}

void ServerImpl::drain() {
  if (core_.draining) return;
  health_.set_serving(false);
  core_.draining = true;
  const std::set<CommandStreamHandler*> streams = core_.streams;
  for (CommandStreamHandler* stream : streams) stream->drain();
}

// Everything that still waits gets a last word.
void ServerImpl::end_calls() {
  desk_.answer_all(going_away());
  reads_.answer_all(going_away());
  health_.end_watches(to_grpc_status(going_away()));
}

void ServerImpl::shutdown(milliseconds grace) {
  if (!server_) return;
  drain();
  ending_ = true;
  end_calls();
  // It blocks until all calls are over, which they get by this thread's polling.
  std::atomic<bool> done{false};
  const auto deadline = std::chrono::system_clock::now() + grace;
  std::thread ender([&] {
    server_->Shutdown(deadline);
    done = true;
    waker_->wake();
  });
  void* tag = nullptr;
  bool ok = false;
  while (!done && queue_->Next(&tag, &ok)) handle(tag, ok);
  ender.join();
  waker_->close();
  queue_->Shutdown();
  while (queue_->Next(&tag, &ok)) handle(tag, ok);
  server_.reset();
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(const ServiceDefinition& definition, Queries& queries, Chance& chance,
                                              ServerOptions options) {
  if (options.fingerprint_key.empty()) {
    return invalid("fingerprint_key", "is missing", "give the installation's key: fingerprints are kept for ever");
  }
  TANDEM_ASSIGN_OR_RETURN(MethodTable table, MethodTable::build(definition.api, definition.registry, options.extras));
  auto server = std::make_unique<ServerImpl>(std::move(table), queries, chance, std::move(options));
  TANDEM_RETURN_IF_ERROR(server->listen());
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace tandem::rpc
