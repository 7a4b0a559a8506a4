// One connection to one Redis, used by one thread.
//
// It connects when it is needed. After any error it is dropped, since nobody knows then which reply belongs to which
// command, and made anew, with back-off and jitter. On every new connection a greeting runs before anything else; a
// connection whose greeting fails is not used.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "shared/base/ports.h"
#include "shared/base/result.h"
#include "shared/store/backoff.h"
#include "shared/store/redis_command.h"
#include "shared/store/redis_options.h"

namespace tandem::store {

class RedisConnection {
 public:
  using Greeting = std::function<Status(RedisConnection&)>;

  // What ready() does when it finds that the connection was cut since the last call.
  enum class OnLoss {
    kReconnect,  // connects again, silently
    kReport,     // is UNAVAILABLE once, so that the caller forgets what it has read
  };

  RedisConnection(RedisEndpoint endpoint, RedisTimeouts timeouts, Greeting greeting,
                  OnLoss on_loss = OnLoss::kReconnect);

  // Connected and greeted, or an error: UNAVAILABLE after a short wait, or what the greeting said.
  Status ready();

  // For pipelines: append any number of commands, flush, read as many replies. All need ready(). An error of flush or
  // read means that the connection is gone, and that it is not known what became of the commands without a reply.
  void append(const RedisCommand& command);
  Status flush();
  Result<RedisReply> read();
  // One command and its reply.
  Result<RedisReply> call(const RedisCommand& command);

  void drop();
  // -1 while there is no connection.
  int descriptor() const { return context_ ? context_->fd : -1; }
  const RedisEndpoint& endpoint() const { return endpoint_; }

 private:
  struct ContextDeleter {
    void operator()(redisContext* context) const { redisFree(context); }
  };

  Status connect();
  Status authenticate();
  bool cut() const;
  Error broken(const std::string& what);

  RedisEndpoint endpoint_;
  RedisTimeouts timeouts_;
  Greeting greeting_;
  OnLoss on_loss_;
  SystemChance chance_;
  Backoff backoff_;
  std::chrono::steady_clock::time_point next_attempt_{};
  Error last_error_;
  std::unique_ptr<redisContext, ContextDeleter> context_;
};

// UNAVAILABLE, to be tried again soon.
Error redis_unavailable(const RedisEndpoint& endpoint, const std::string& why);

}  // namespace tandem::store
