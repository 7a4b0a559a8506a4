#include "services/cli/calls.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <ostream>
#include <utility>

#include "services/cli/apply/fields.h"
#include "shared/base/text.h"

namespace tandem::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

struct Given {
  Argument argument;
  std::vector<std::string> values;
};

// Shared by the option, which fills it, and the command, which reads it.
using GivenList = std::shared_ptr<std::vector<Given>>;

GivenList add_arguments(CLI::App& command, const std::vector<Argument>& arguments) {
  auto given = std::make_shared<std::vector<Given>>();
  for (const Argument& argument : arguments) given->push_back({argument, {}});
  for (Given& each : *given) {
    const Argument& argument = each.argument;
    const bool positional = !argument.name.starts_with("-");
    CLI::Option& option = *command.add_option(argument.name, each.values, argument.description);
    option.required(argument.required || positional)->expected(1);
    option.type_name(positional ? " " : "VALUE");
    if (!positional) option.multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  return given;
}

const FieldDescriptor& last_field(const Message& message, const std::string& path) {
  const size_t dot = path.find('.');
  const FieldDescriptor& field = *message.GetDescriptor()->FindFieldByName(path.substr(0, dot));
  if (dot == std::string::npos) return field;
  return last_field(message.GetReflection()->GetMessage(message, &field), path.substr(dot + 1));
}

// Fills the request; what cannot be read is an error of usage.
Status fill(Session& session, Message& request, const std::vector<Given>& given) {
  for (const auto& [argument, values] : given) {
    if (values.size() > 1 && !last_field(request, argument.path).is_repeated()) {
      return session.usage(argument.name, "is given more than once", "give it once");
    }
    for (const std::string& value : values) {
      auto status = set_path(request, argument.path, value, {});
      if (status.ok()) continue;
      const Violation& why = status.error().violations.front();
      return session.usage(argument.name, why.reason, why.remedy);
    }
  }
  return {};
}

std::unique_ptr<Message> fresh(const Message& prototype) { return std::unique_ptr<Message>(prototype.New()); }

const FieldDescriptor& items_field(const Message& response) {
  const auto& type = *response.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->is_repeated()) return *type.field(i);
  }
  std::abort();  // not the answer of a List method
}

// Enums are written in capitals in filters; people need not.
std::string as_filter_value(const Message& item, const std::string& path, const std::string& value) {
  if (last_field(item, path).cpp_type() != FieldDescriptor::CPPTYPE_ENUM) return value;
  std::string name = to_upper(value);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::string with_conditions(std::string filter, const std::vector<Given>& given, const Message& response) {
  const Message& item =
      *google::protobuf::MessageFactory::generated_factory()->GetPrototype(items_field(response).message_type());
  for (const auto& [argument, values] : given) {
    for (const std::string& value : values) {
      filter += (filter.empty() ? "" : " AND ") + condition(argument.path, as_filter_value(item, argument.path, value));
    }
  }
  return filter;
}

// Adds the page's items to `into`; the token of the next one.
std::string take_page(const Message& page, Message& into) {
  const FieldDescriptor& items = items_field(page);
  const auto& reflection = *page.GetReflection();
  for (int i = 0; i < reflection.FieldSize(page, &items); ++i) {
    reflection.AddMessage(&into, &items)->CopyFrom(reflection.GetRepeatedMessage(page, &items, i));
  }
  return reflection.GetString(page, page.GetDescriptor()->FindFieldByName("next_page_token"));
}

void print_list(Session& session, const Message& list, const std::vector<Column>& columns, const std::string& next) {
  if (session.output != Format::kTable) {
    print(session.out(), session.output, list);
    return;
  }
  const FieldDescriptor& items = items_field(list);
  const auto& reflection = *list.GetReflection();
  std::vector<const Message*> rows;
  for (int i = 0; i < reflection.FieldSize(list, &items); ++i) {
    rows.push_back(&reflection.GetRepeatedMessage(list, &items, i));
  }
  if (rows.empty())
    session.err() << "none" << std::endl;
  else
    session.out() << to_table(rows, columns).to_string();
  if (!next.empty()) session.err() << "there are more: --all, or --page-token " << next << std::endl;
}

Status list(Session& session, const ListCall& call, type::v1::ListRequest request, bool all) {
  auto whole = fresh(call.response);
  const std::string service = Session::service_of(call.method);
  for (;;) {
    auto page = fresh(call.response);
    TANDEM_RETURN_IF_ERROR(session.call(service, call.method, request, *page));
    request.set_page_token(take_page(*page, *whole));
    if (!all || request.page_token().empty()) break;
  }
  const auto& type = *whole->GetDescriptor();
  whole->GetReflection()->SetString(whole.get(), type.FindFieldByName("next_page_token"), request.page_token());
  print_list(session, *whole, call.columns, request.page_token());
  return {};
}

}  // namespace

std::string condition(const std::string& path, const std::string& value) {
  std::string quoted;
  for (const char c : value) quoted += (c == '"' || c == '\\') ? std::string("\\") + c : std::string(1, c);
  return path + " = \"" + quoted + "\"";
}

void print_result(Session& session, const type::v1::CommandResult& result) {
  if (session.output != Format::kTable) {
    print(session.out(), session.output, result);
    return;
  }
  if (result.unchanged()) {
    session.out() << "unchanged " << result.subject() << "\n";
    return;
  }
  const std::string& type = result.event_type();
  const auto& at = result.position();
  session.out() << type.substr(type.rfind('.') + 1) << " " << result.subject() << "   (event " << at.number() << " of "
                << at.service() << "/" << at.shard() << ", "
                << (result.acknowledgement() == type::v1::ACKNOWLEDGEMENT_PUBLISHED ? "published" : "stored") << ")\n";
}

CLI::App& add_write(CLI::App& group, Session& session, const WriteCall& call) {
  auto given = std::make_shared<GivenList>();
  auto options = std::make_shared<WriteOptions>();
  const Message* prototype = &call.request;
  CLI::App& command =
      add_command(group, call.texts.name, call.texts.description, call.texts.examples,
                  [&session, given, options, prototype, method = call.method, amend = call.amend]() -> Status {
                    auto request = fresh(*prototype);
                    TANDEM_RETURN_IF_ERROR(options->apply_to(*request, session));
                    TANDEM_RETURN_IF_ERROR(fill(session, *request, **given));
                    if (amend) TANDEM_RETURN_IF_ERROR(amend(*request));
                    TANDEM_ASSIGN_OR_RETURN(const auto result, session.call<type::v1::CommandResult>(method, *request));
                    print_result(session, result);
                    return {};
                  });
  *given = add_arguments(command, call.arguments);
  options->add_to(command);
  return command;
}

CLI::App& add_get(CLI::App& group, Session& session, const GetCall& call) {
  auto given = std::make_shared<GivenList>();
  const Message* prototype = &call.request;
  const Message* answer = &call.response;
  CLI::App& command =
      add_command(group, call.texts.name, call.texts.description, call.texts.examples,
                  [&session, given, prototype, answer, method = call.method, describe = call.describe]() -> Status {
                    auto request = fresh(*prototype);
                    TANDEM_RETURN_IF_ERROR(fill(session, *request, **given));
                    auto response = fresh(*answer);
                    TANDEM_RETURN_IF_ERROR(session.call(Session::service_of(method), method, *request, *response));
                    if (describe && session.output == Format::kTable) {
                      session.out() << describe(*response);
                    } else {
                      print(session.out(), session.output, *response);
                    }
                    return {};
                  });
  *given = add_arguments(command, {call.id});
  return command;
}

CLI::App& add_list(CLI::App& group, Session& session, const ListCall& call) {
  auto given = std::make_shared<GivenList>();
  auto options = std::make_shared<ListOptions>();
  CLI::App& command = add_command(group, call.texts.name, call.texts.description, call.texts.examples,
                                  [&session, given, options, call]() -> Status {
                                    auto request = options->request();
                                    request.set_filter(with_conditions(options->filter, **given, call.response));
                                    return list(session, call, request, options->all);
                                  });
  *given = add_arguments(command, call.filters);
  options->add_to(command);
  return command;
}

}  // namespace tandem::cli
