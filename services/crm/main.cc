#include "services/crm/service.h"
#include "shared/runtime/program.h"

int main(int argc, char** argv) { return tandem::runtime::service_main(argc, argv, tandem::crm::service); }
