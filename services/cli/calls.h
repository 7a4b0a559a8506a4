// Commands that are one call: what they send comes from their options, what comes back is printed. Described by data,
// so that a group of commands is a list.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <string>
#include <vector>

#include "services/cli/app.h"
#include "services/cli/output.h"
#include "services/cli/session.h"

namespace tandem::cli {

// An option, or without dashes a positional argument ("ID"), that fills the request's field at `path`. What is written
// there: fields.h.
struct Argument {
  std::string name;  // "LEAD", "--reason"
  std::string path;  // "lead", "person.email"
  std::string description;
  bool required = false;
};

struct CommandTexts {
  std::string name;
  std::string description;
  std::string examples;  // whole lines
};

// A command of the services: prints what became of it. `amend` may do what data cannot say, before it is sent.
struct WriteCall {
  CommandTexts texts;
  std::string method;  // in full
  const google::protobuf::Message& request;
  std::vector<Argument> arguments;
  std::function<Status(google::protobuf::Message&)> amend = nullptr;
};
CLI::App& add_write(CLI::App& group, Session& session, const WriteCall& call);

// Gets one thing by its id, and prints all of it.
struct GetCall {
  CommandTexts texts;
  std::string method;
  const google::protobuf::Message& request;
  const google::protobuf::Message& response;
  Argument id;
  // What a table shows; empty: every field.
  std::function<std::string(const google::protobuf::Message&)> describe = nullptr;
};
CLI::App& add_get(CLI::App& group, Session& session, const GetCall& call);

// A page of things. `filters` are options that become conditions of the filter: {"--status", "status"}.
struct ListCall {
  CommandTexts texts;
  std::string method;
  const google::protobuf::Message& response;  // one repeated field, next_page_token
  std::vector<Column> columns;
  std::vector<Argument> filters;
};
CLI::App& add_list(CLI::App& group, Session& session, const ListCall& call);

// What became of a command: a line, or in JSON and YAML the CommandResult.
void print_result(Session& session, const type::v1::CommandResult& result);

// `status = WON`, with what must be quoted quoted.
std::string condition(const std::string& path, const std::string& value);

}  // namespace tandem::cli
