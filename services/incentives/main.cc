#include "services/incentives/service.h"
#include "shared/runtime/program.h"

int main(int argc, char** argv) { return tandem::runtime::service_main(argc, argv, tandem::incentives::service); }
