#include "strata/7_application/nfs/client/files/version.hpp"

#include <limits>

#include "strata/7_application/http/message/date.hpp"

namespace strata::application::nfs::client {
namespace {

std::string text_of_time(const Time& time) {
    return std::to_string(time.seconds) + "." + std::to_string(time.nanoseconds);
}

}  // namespace

FileVersion version_of(const Attributes& attributes) {
    FileVersion version;
    version.etag = "nfs-" + std::to_string(attributes.fsid) + "-" + std::to_string(attributes.fileid) + "-" +
                   text_of_time(attributes.mtime) + "-" + text_of_time(attributes.ctime);
    version.last_modified = http::format_date(date_of(attributes));
    version.total = attributes.size;
    return version;
}

bool is_same_version(const Attributes& one, const Attributes& another) noexcept {
    return is_same_file(one, another) && one.size == another.size && one.mtime == another.mtime &&
           one.ctime == another.ctime;
}

void check_is_file(const Found& found) {
    if (found.is_folder()) throw failure_of(Status::isdir);
    if (!found.is_file()) throw Failure("it is no regular file", "name one");
    if (found.attributes.size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        throw nonsense("the server says a length that no file has");
}

}  // namespace strata::application::nfs::client
