#include "shared/rpc/read_handler.h"

#include <utility>
#include <vector>

#include "shared/rpc/errors.h"
#include "shared/rpc/validation.h"
#include "shared/rpc/wire.h"
#include "tandem/type/v1/type.pb.h"

namespace tandem::rpc {
namespace {

using google::protobuf::Message;

// States that one pipeline loads.
constexpr size_t kMaxGets = 64;

Error too_late() { return make_error(Code::kDeadlineExceeded, "no time was left to read"); }

}  // namespace

ReadHandler::ReadHandler(Core& core, const Method& method, RequestHead head)
    : core_(core), method_(method), head_(std::move(head)) {
  if (!head_.has_deadline) head_.deadline = std::chrono::system_clock::now() + core.options.default_deadline;
}

void ReadHandler::on_message(Call& call, grpc::ByteBuffer& message) {
  call_ = &call;
  auto request = parse_request(message, *method_.input, core_.options.max_request_bytes);
  if (!request.ok()) return refuse(core_, call, request.error());
  if (const Status valid = check(**request); !valid.ok()) return refuse(core_, call, valid.error());
  request_ = std::move(*request);
  ++core_.counters.reads;
  ticket_ = core_.reads.add(*this);
}

void ReadHandler::on_half_close(Call& call) {
  refuse(core_, call, invalid("request", "is missing", "send one message"));
}

void ReadHandler::on_over(Call&) { core_.reads.remove(ticket_); }

void ReadHandler::answer(const Result<std::unique_ptr<Message>>& result) {
  if (result.ok()) {
    call_->write_and_finish(to_buffer(**result));
  } else {
    call_->finish(to_grpc_status(result.error()));
  }
}

uint64_t ReadQueue::add(ReadHandler& read) {
  waiting_.emplace(++last_ticket_, &read);
  return last_ticket_;
}

ReadHandler& ReadQueue::take_first() {
  ReadHandler& read = *waiting_.begin()->second;
  waiting_.erase(waiting_.begin());
  return read;
}

size_t ReadQueue::run(std::chrono::microseconds budget) {
  const auto end = std::chrono::steady_clock::now() + budget;
  size_t done = 0;
  while (!waiting_.empty()) {
    if (waiting_.begin()->second->method().kind == Method::Kind::kGet) {
      done += run_gets();
    } else {
      ReadHandler& read = take_first();
      const bool late = read.expired(std::chrono::system_clock::now());
      read.answer(late ? too_late() : read.method().kind == Method::Kind::kList ? list(read) : other(read));
      ++done;
    }
    if (std::chrono::steady_clock::now() >= end) break;
  }
  return done;
}

size_t ReadQueue::run_gets() {
  const auto now = std::chrono::system_clock::now();
  std::vector<ReadHandler*> reads;
  std::vector<AggregateRef> refs;
  while (!waiting_.empty() && reads.size() < kMaxGets &&
         waiting_.begin()->second->method().kind == Method::Kind::kGet) {
    ReadHandler& read = take_first();
    if (read.expired(now)) {
      read.answer(too_late());
      continue;
    }
    const Message& request = read.request();
    refs.push_back({read.method().aggregate_type, request.GetReflection()->GetString(request, read.method().id)});
    reads.push_back(&read);
  }
  const auto states = queries_.get(refs);
  for (size_t i = 0; i < reads.size(); ++i) reads[i]->answer(states[i]);
  return reads.size();
}

Result<std::unique_ptr<Message>> ReadQueue::list(const ReadHandler& read) {
  const auto& request = static_cast<const type::v1::ListRequest&>(read.request());
  const Method& method = read.method();
  const AggregateType* type = queries_.registry().find(method.aggregate_type);
  if (!type) return make_error(Code::kInternal, "aggregate type \"" + method.aggregate_type + "\" is not registered");
  TANDEM_ASSIGN_OR_RETURN(Page page, queries_.list(*type, {request.filter(), request.order_by(), request.page_size(),
                                                           request.page_token()}));
  std::unique_ptr<Message> answer(method.output->New());
  const auto& reflection = *answer->GetReflection();
  for (auto& item : page.items) reflection.AddAllocatedMessage(answer.get(), method.items, item.release());
  reflection.SetString(answer.get(), method.next_page_token, std::move(page.next_page_token));
  return answer;
}

Result<std::unique_ptr<Message>> ReadQueue::other(const ReadHandler& read) {
  return read.method().read(read.request(), read.caller());
}

void ReadQueue::answer_all(const Error& error) {
  while (!waiting_.empty()) take_first().answer(error);
}

}  // namespace tandem::rpc
