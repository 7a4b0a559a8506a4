#include "shared/rpc/reflection.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include "shared/base/result.h"
#include "shared/rpc/errors.h"
#include "shared/rpc/wire.h"

namespace tandem::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;

const DescriptorPool& pool() { return *DescriptorPool::generated_pool(); }

void not_found(const std::string& what, ServerReflectionResponse& response) {
  response.mutable_error_response()->set_error_code(static_cast<int>(Code::kNotFound));
  response.mutable_error_response()->set_error_message(what + " is not known here");
}

// The file after everything that it imports.
void add_file(const FileDescriptor& file, std::set<std::string>& sent, ServerReflectionResponse& response) {
  if (!sent.insert(file.name()).second) return;
  for (int i = 0; i < file.dependency_count(); ++i) add_file(*file.dependency(i), sent, response);
  google::protobuf::FileDescriptorProto proto;
  file.CopyTo(&proto);
  response.mutable_file_descriptor_response()->add_file_descriptor_proto(proto.SerializeAsString());
}

void answer_file(const FileDescriptor* file, const std::string& what, std::set<std::string>& sent,
                 ServerReflectionResponse& response) {
  if (!file) return not_found(what, response);
  // Asked for again, it is sent again; only what it imports is known to be there.
  sent.erase(file->name());
  add_file(*file, sent, response);
}

void answer_extensions(const std::string& name, ServerReflectionResponse& response) {
  const Descriptor* type = pool().FindMessageTypeByName(name);
  if (!type) return not_found("message \"" + name + "\"", response);
  std::vector<const FieldDescriptor*> extensions;
  pool().FindAllExtensions(type, &extensions);
  auto* numbers = response.mutable_all_extension_numbers_response();
  numbers->set_base_type_name(name);
  for (const FieldDescriptor* extension : extensions) numbers->add_extension_number(extension->number());
}

const FileDescriptor* file_of_extension(const grpc::reflection::v1::ExtensionRequest& request) {
  const Descriptor* type = pool().FindMessageTypeByName(request.containing_type());
  const FieldDescriptor* extension = type ? pool().FindExtensionByNumber(type, request.extension_number()) : nullptr;
  return extension ? extension->file() : nullptr;
}

}  // namespace

void ReflectionHandler::on_message(Call& call, grpc::ByteBuffer& message) {
  ServerReflectionRequest request;
  if (!from_buffer(message, request)) {
    return call.finish(to_grpc_status(invalid("request", "is not a valid ServerReflectionRequest", "use grpcurl")));
  }
  // The next request is read when this answer is written.
  call.write(to_buffer(respond(request)));
}

ServerReflectionResponse ReflectionHandler::respond(const ServerReflectionRequest& request) {
  ServerReflectionResponse response;
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case ServerReflectionRequest::kListServices:
      for (const std::string& name : services_)
        response.mutable_list_services_response()->add_service()->set_name(name);
      break;
    case ServerReflectionRequest::kFileByFilename:
      answer_file(pool().FindFileByName(request.file_by_filename()), "file \"" + request.file_by_filename() + "\"",
                  sent_, response);
      break;
    case ServerReflectionRequest::kFileContainingSymbol:
      answer_file(pool().FindFileContainingSymbol(request.file_containing_symbol()),
                  "\"" + request.file_containing_symbol() + "\"", sent_, response);
      break;
    case ServerReflectionRequest::kFileContainingExtension:
      answer_file(file_of_extension(request.file_containing_extension()), "the extension", sent_, response);
      break;
    case ServerReflectionRequest::kAllExtensionNumbersOfType:
      answer_extensions(request.all_extension_numbers_of_type(), response);
      break;
    default:
      response.mutable_error_response()->set_error_code(static_cast<int>(Code::kInvalidArgument));
      response.mutable_error_response()->set_error_message("the request asks for nothing");
  }
  return response;
}

}  // namespace tandem::rpc
