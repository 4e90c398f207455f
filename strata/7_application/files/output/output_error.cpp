#include "strata/7_application/files/output/output_error.hpp"

#include <cerrno>
#include <string_view>
#include <system_error>

namespace strata::application {
namespace {

std::string_view advice(int error) {
    switch (error) {
        case ENOSPC:
        case EDQUOT: return "make room there and go on with --resume, or choose another place with -o";
        case EFBIG: return "files there may not grow so large; choose another place with -o";
        case EACCES:
        case EPERM:
        case EROFS: return "choose a place that you may write to with -o";
        case ENOENT:
        case ENOTDIR: return "make the folder first, or choose another with -o";
        case ELOOP: return "its links lead round in a circle; choose another place with -o";
        case EPIPE: return "the reader has closed it";
        default: return "choose another place with -o";
    }
}

}  // namespace

void refuse(const std::string& what, int error) {
    throw OutputError(what + ": " + std::generic_category().message(error) + "; " + std::string(advice(error)));
}

}  // namespace strata::application
