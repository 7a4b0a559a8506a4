#include "services/cli/import/command_flow.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "shared/rpc/client.h"

namespace tandem::cli {
namespace {

constexpr size_t kWindow = 512;
constexpr int kTries = 10;
constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLongestPause{2000};
// A stream of the whole import; what it leaves is sent on the next one.
constexpr std::chrono::hours kStreamDeadline{1};

// Cancelled: a stream that was broken off.
bool may_go_on(Code code) { return rpc::passes(code) || code == Code::kCancelled; }

class Run {
 public:
  Run(rpc::Client& client, rpc::CallOptions options, const CommandFlow& flow)
      : client_(client), options_(std::move(options)), flow_(flow), sent_before_(flow.commands.size()) {
    options_.deadline = kStreamDeadline;
    for (size_t i = 0; i < flow.commands.size(); ++i) open_.push_back(i);
  }

  Status run() {
    int tries = 0;
    while (!open_.empty()) {
      const size_t before = open_.size();
      Status status = stream();
      if (open_.empty()) return {};
      if (!status.ok() && !may_go_on(status.code())) return status;
      tries = open_.size() < before ? 0 : tries + 1;
      if (tries == kTries) return give_up(status);
      std::this_thread::sleep_for(std::min(kLongestPause, kFirstPause * (1 << std::min(tries, 5))));
    }
    return {};
  }

 private:
  // One stream of all that is open; what is still open after it is left in open_.
  Status stream() {
    const std::vector<size_t> rows = std::exchange(open_, {});
    std::vector<bool> answered(rows.size());
    rpc::CommandStream stream(
        client_, flow_.method, options_, kWindow,
        [&](uint64_t at, Result<type::v1::CommandResult> result) { answered[at] = take(rows[at], std::move(result)); });
    Status status;
    size_t sent = 0;
    while (sent < rows.size() && status.ok()) status = stream.send(*flow_.commands[rows[sent++]]);
    if (Status end = stream.finish(); status.ok()) status = end;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (answered[i]) continue;
      open_.push_back(rows[i]);
      if (i < sent) sent_before_[rows[i]] = true;
    }
    return status;
  }

  // False if it has to be sent again.
  bool take(size_t index, Result<type::v1::CommandResult> result) {
    if (!result.ok() && may_go_on(result.code())) {
      last_error_ = result.error();
      return false;
    }
    // The answer to an earlier try of this very run was lost.
    if (result.ok() && sent_before_[index]) result->clear_repeated();
    flow_.on_answer(index, std::move(result));
    return true;
  }

  Error give_up(const Status& status) const {
    Error error = status.ok() ? last_error_ : status.error();
    return make_error(error.code, std::to_string(open_.size()) + " rows got no answer: " +
                                      (error.message.empty() ? code_name(error.code) : error.message) +
                                      "; run it again when the service is back: what is in is not counted twice");
  }

  rpc::Client& client_;
  rpc::CallOptions options_;
  const CommandFlow& flow_;
  std::vector<size_t> open_;
  std::vector<bool> sent_before_;
  Error last_error_;
};

}  // namespace

Status run_flow(Session& session, const CommandFlow& flow) {
  if (flow.commands.empty()) return {};
  TANDEM_ASSIGN_OR_RETURN(rpc::Client * client, session.client(Session::service_of(flow.method)));
  return Run(*client, session.call_options(), flow).run();
}

}  // namespace tandem::cli
