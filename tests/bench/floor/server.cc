#include "tests/bench/floor/server.h"

#include <chrono>

#include "tandem/type/v1/type.pb.h"
#include "tests/bench/floor/redis.h"

namespace tandem::bench {
namespace {

constexpr size_t kBatch = 512;
constexpr int kWaitingForClients = 64;
constexpr std::chrono::milliseconds kTurn{200};

std::string bytes_of(grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  buffer.Dump(&slices);
  std::string bytes;
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

}  // namespace

FloorServer::FloorServer(FloorEngine& engine, bool takes_requests) : engine_(engine) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
  builder.RegisterAsyncGenericService(&service_);
  queue_ = builder.AddCompletionQueue();
  server_ = builder.BuildAndStart();
  if (!server_) fail("gRPC does not start");
  for (int i = 0; takes_requests && i < kWaitingForClients; ++i) accept();
}

FloorServer::~FloorServer() {
  server_->Shutdown(std::chrono::system_clock::now());
  queue_->Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) {
    if (tag != &alarm_) delete static_cast<Call*>(tag);
  }
}

void FloorServer::accept() {
  auto* call = new Call;  // gRPC has it until it comes back
  service_.RequestCall(&call->context, &call->stream, queue_.get(), queue_.get(), call);
}

void FloorServer::wake() {
  const std::scoped_lock lock(wake_mutex_);
  if (alarm_set_) return;
  alarm_set_ = true;
  alarm_.Set(queue_.get(), gpr_inf_past(GPR_CLOCK_MONOTONIC), &alarm_);
}

void FloorServer::handle(Call* call, bool ok) {
  if (!ok || call->at == Call::At::kFinishing) {
    delete call;
  } else if (call->at == Call::At::kAccepting) {
    accept();
    call->at = Call::At::kReading;
    call->stream.Read(&call->buffer, call);
  } else {
    ready_.push_back(call);
  }
}

void FloorServer::drain_queue(bool may_wait) {
  woken_ = !may_wait;
  while (ready_.size() < kBatch) {
    const auto deadline = std::chrono::system_clock::now() + kTurn;
    const bool wait = ready_.empty() && !woken_;
    void* tag = nullptr;
    bool ok = false;
    const auto next =
        wait ? queue_->AsyncNext(&tag, &ok, deadline) : queue_->AsyncNext(&tag, &ok, gpr_inf_past(GPR_CLOCK_MONOTONIC));
    if (next != grpc::CompletionQueue::GOT_EVENT) return;
    if (tag == &alarm_) {
      const std::scoped_lock lock(wake_mutex_);
      alarm_set_ = false;
      woken_ = true;
    } else {
      handle(static_cast<Call*>(tag), ok);
    }
  }
}

void FloorServer::answer(Call& call, const std::string& lead) {
  type::v1::CommandResult result;
  result.set_subject(lead);
  result.set_event_type(std::string(event_type(Cause::kLeadCaptured)));
  result.set_event_id("marketing-0-" + lead);
  const grpc::Slice slice(result.SerializeAsString());
  const grpc::ByteBuffer buffer(&slice, 1);
  call.at = Call::At::kFinishing;
  call.stream.WriteAndFinish(buffer, grpc::WriteOptions(), grpc::Status::OK, &call);
}

void FloorServer::run(Consumer& consumer, const std::atomic<bool>& stop) {
  std::vector<ConsumedRecord> records;
  std::vector<Work> batch;
  bool more = false;
  while (!stop) {
    drain_queue(!more);
    batch.clear();
    records.clear();
    for (Call* call : ready_) batch.push_back(engine_.of_request(bytes_of(call->buffer)));
    consumer.take(records, kBatch);
    more = records.size() == kBatch;
    for (const ConsumedRecord& record : records) engine_.add_caused(record, batch);
    engine_.execute(batch);
    for (size_t i = 0; i < ready_.size(); ++i) answer(*ready_[i], batch[i].lead);
    ready_.clear();
  }
}

}  // namespace tandem::bench
