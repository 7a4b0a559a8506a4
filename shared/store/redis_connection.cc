#include "shared/store/redis_connection.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <thread>

namespace tandem::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

timeval to_timeval(milliseconds time) {
  return {.tv_sec = time.count() / 1000, .tv_usec = static_cast<suseconds_t>(time.count() % 1000) * 1000};
}

}  // namespace

Error redis_unavailable(const RedisEndpoint& endpoint, const std::string& why) {
  Error error = make_error(Code::kUnavailable, "Redis at " + endpoint.name() + ": " + why);
  error.retry_after = milliseconds(200);
  return error;
}

RedisConnection::RedisConnection(RedisEndpoint endpoint, RedisTimeouts timeouts, Greeting greeting, OnLoss on_loss)
    : endpoint_(std::move(endpoint)),
      timeouts_(timeouts),
      greeting_(std::move(greeting)),
      on_loss_(on_loss),
      backoff_(timeouts.first_retry, timeouts.last_retry, chance_) {}

Status RedisConnection::ready() {
  if (context_) {
    if (!cut()) return {};
    Error error = broken("the connection was cut");
    if (on_loss_ == OnLoss::kReport) return error;
  }
  auto deadline = steady_clock::now() + timeouts_.patience;
  for (;;) {
    if (steady_clock::now() < next_attempt_) {
      if (next_attempt_ > deadline) return last_error_;
      std::this_thread::sleep_until(next_attempt_);
    }
    const auto begun = steady_clock::now();
    Status connected = connect();
    if (connected.ok()) {
      backoff_.reset();
      return {};
    }
    last_error_ = connected.error();
    drop();
    next_attempt_ = steady_clock::now() + backoff_.next();
    // A Redis that takes connections and does not answer: not every call is to wait for it again.
    if (steady_clock::now() - begun > timeouts_.patience) next_attempt_ = steady_clock::now() + timeouts_.last_retry;
    if (last_error_.code != Code::kUnavailable) return last_error_;
  }
}

Status RedisConnection::connect() {
  context_.reset(redisConnectWithTimeout(endpoint_.host.c_str(), endpoint_.port, to_timeval(timeouts_.connect)));
  if (!context_) return redis_unavailable(endpoint_, "out of memory");
  if (context_->err != 0) return redis_unavailable(endpoint_, context_->errstr);
  if (redisSetTimeout(context_.get(), to_timeval(timeouts_.greeting)) != REDIS_OK ||
      redisEnableKeepAlive(context_.get()) != REDIS_OK) {
    return redis_unavailable(endpoint_, context_->errstr);
  }
  TANDEM_RETURN_IF_ERROR(authenticate());
  if (greeting_) TANDEM_RETURN_IF_ERROR(greeting_(*this));
  if (redisSetTimeout(context_.get(), to_timeval(timeouts_.command)) != REDIS_OK) {
    return redis_unavailable(endpoint_, context_->errstr);
  }
  return {};
}

Status RedisConnection::authenticate() {
  if (endpoint_.password.empty()) return {};
  RedisCommand command("AUTH");
  if (!endpoint_.username.empty()) command.add(endpoint_.username);
  TANDEM_ASSIGN_OR_RETURN(RedisReply reply, call(command.add(endpoint_.password)));
  if (reply->type == REDIS_REPLY_ERROR) return redis_unavailable(endpoint_, std::string(text_of(*reply)));
  return {};
}

// Between calls nothing is outstanding: whatever there is to read, the end of the connection or a stray reply, means
// that it can not be used any more.
bool RedisConnection::cut() const {
  char byte = 0;
  ssize_t got = recv(context_->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

void RedisConnection::append(const RedisCommand& command) {
  std::string text = command.text();
  redisAppendFormattedCommand(context_.get(), text.data(), text.size());
}

Status RedisConnection::flush() {
  int done = 0;
  while (done == 0) {
    if (redisBufferWrite(context_.get(), &done) != REDIS_OK) return broken(context_->errstr);
  }
  return {};
}

Result<RedisReply> RedisConnection::read() {
  void* reply = nullptr;
  if (redisGetReply(context_.get(), &reply) != REDIS_OK) return broken(context_->errstr);
  return RedisReply(static_cast<redisReply*>(reply));
}

Result<RedisReply> RedisConnection::call(const RedisCommand& command) {
  append(command);
  TANDEM_RETURN_IF_ERROR(flush());
  return read();
}

void RedisConnection::drop() { context_.reset(); }

Error RedisConnection::broken(const std::string& what) {
  last_error_ = redis_unavailable(endpoint_, what);
  drop();
  return last_error_;
}

}  // namespace tandem::store
