#include "tests/bench/floor/engine.h"

#include <chrono>
#include <functional>
#include <utility>

#include "tests/bench/floor/envelope.h"

namespace tandem::bench {
namespace {

constexpr size_t kReplyBytes = 190;  // fingerprint and answer, as the product remembers them

std::string hex(uint64_t value) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(kLeadBytes, '0');
  for (size_t i = 0; i < kLeadBytes; ++i) text[i] = kDigits[value >> (4 * (kLeadBytes - 1 - i)) & 15U];
  return text;
}

std::string micros_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

}  // namespace

std::string lead_of_request(std::string_view request) { return hex(std::hash<std::string_view>()(request)); }

FloorEngine::FloorEngine(std::string service, uint16_t redis_port, uint32_t shards, uint32_t teams)
    : service_(std::move(service)),
      redis_(redis_port),
      shards_(shards),
      teams_(teams),
      random_(static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch().count())) {
  open_shards(redis_, service_, shards_);
}

Work FloorEngine::of_request(std::string_view request) const {
  Work work;
  work.step = steps().data();
  work.lead = lead_of_request(request);
  work.request_id = work.lead;
  return work;
}

void FloorEngine::add_caused(const ConsumedRecord& record, std::vector<Work>& into) const {
  uint64_t k = 0;
  for (const Step& step : steps()) {
    ++k;
    if (step.service != service_ || step.on != record.event) continue;
    into.push_back({&step, record.lead, "", record, k});
  }
}

FloorEngine::Target FloorEngine::target_of(const Work& work) const {
  const size_t hash = std::hash<std::string>()(work.lead);
  std::string id = work.lead;
  if (work.step->shared) {
    id = std::to_string(hash % teams_);
  } else if (work.step->makes == Cause::kInteractionRecorded) {
    id += std::to_string(static_cast<int>(work.step->on));
  }
  Target target;
  target.shard = static_cast<uint32_t>(std::hash<std::string>()(std::string(work.step->aggregate) + id) % shards_);
  target.key = shard_key(service_, target.shard, "s:" + std::string(work.step->aggregate) + "/" + id);
  return target;
}

std::string FloorEngine::draw_version() {
  random_ += 0x9e3779b97f4a7c15U;
  uint64_t z = random_;
  z = (z ^ z >> 30U) * 0xbf58476d1ce4e5b9U;
  z = (z ^ z >> 27U) * 0x94d049bb133111ebU;
  return hex(z ^ z >> 31U);
}

void FloorEngine::load(const std::vector<Work>& batch) {
  targets_.clear();
  target_of_work_.clear();
  for (const Work& work : batch) {
    Target target = target_of(work);
    const auto [at, is_new] = targets_.try_emplace(target.key, target);
    target_of_work_.push_back(&at->second);
  }
  for (const auto& [key, target] : targets_) redis_.append({"GET", key});
  size_t requests = 0;
  for (size_t i = 0; i < batch.size(); ++i) {
    if (batch[i].request_id.empty()) continue;
    redis_.append({"GET", shard_key(service_, target_of_work_[i]->shard, "r:" + batch[i].request_id)});
    ++requests;
  }
  redis_.flush();
  for (auto& [key, target] : targets_) {
    const Reply state = redis_.read();
    if (state->type == REDIS_REPLY_STRING) target.version = text_of(*state).substr(0, 16);
  }
  for (; requests > 0; --requests) redis_.read();
}

Arguments FloorEngine::commit(const Work& work, Target& target) {
  const Step& step = *work.step;
  const auto key = [&](std::string_view name) { return shard_key(service_, target.shard, name); };
  Arguments command = {"FCALL",        "tandem_v2_commit", "",         key("meta"),
                       key("carried"), target.key,         key("out"), key("timers")};
  if (!work.request_id.empty()) command.push_back(key("r:" + work.request_id));
  if (step.begins) command.push_back(key("i:" + std::string(step.aggregate)));
  command[2] = std::to_string(command.size() - 3);
  command.insert(command.end(), {"1", kInstance, work.request_id.empty() ? "" : std::string(kReplyBytes, 'r')});
  if (work.request_id.empty()) {
    const std::string source = "m:" + work.source.service + "/" + std::to_string(work.source.partition);
    std::string& mark = marks_.try_emplace({target.shard, source}, "0,0").first->second;
    std::string next = std::to_string(work.source.n) + "," + std::to_string(work.k);
    command.insert(command.end(), {source, mark, next});
    mark = std::move(next);
  } else {
    command.insert(command.end(), {"", "", ""});
  }
  command.push_back(target.version);
  target.version = draw_version();
  command.push_back(target.version + std::string(step.state_bytes, 's'));
  command.push_back(micros_now());
  command.push_back(outbox_record(step, work.lead));
  if (step.timer) {
    command.insert(command.end(), {"0", "2", micros_now(), std::string(step.aggregate) + work.lead});
  } else {
    command.insert(command.end(), {"0", "0"});
  }
  if (step.begins) command.insert(command.end(), {"0", "2", "0", micros_now() + work.lead});
  return command;
}

void FloorEngine::execute(const std::vector<Work>& batch) {
  if (batch.empty()) return;
  load(batch);
  const bool several = batch.size() > 1;
  if (several) redis_.append({"MULTI"});
  for (size_t i = 0; i < batch.size(); ++i) redis_.append(commit(batch[i], *target_of_work_[i]));
  if (several) redis_.append({"EXEC"});
  redis_.flush();
  const auto check = [](const redisReply& reply) {
    if (reply.type == REDIS_REPLY_INTEGER && reply.integer > 0) return;
    fail("a commit was refused: " + std::string(reply.elements > 0 ? text_of(*reply.element[0]) : text_of(reply)));
  };
  if (!several) return check(*redis_.read());
  for (size_t i = 0; i < batch.size() + 1; ++i) redis_.read();
  const Reply all = redis_.read();
  for (size_t i = 0; i < all->elements; ++i) check(*all->element[i]);
}

}  // namespace tandem::bench
