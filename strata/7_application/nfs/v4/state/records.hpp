// Records: which clients had something open, kept in a file for who restarts (RFC 7530 9.6.3.4):
// they alone may have it again, in the grace period. Those who do not come until its end are struck
// out before anybody else is given anything.
//
//     strata nfs4 leases 1 | a client's id in hexadecimal digits | ...        a line each
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <system_error>
#include <unordered_set>

#include "strata/0_foundation/time.hpp"
#include "strata/7_application/nfs/v4/state/client.hpp"

namespace strata::application::nfs::v4 {

// What is not there, or no such file, has nobody in it: then nobody may have anything again.
[[nodiscard]] std::unordered_set<std::string> read_records(const std::string& path, std::size_t ids_max);
// In one go: it is there as a whole or as it was. What cannot be
// written is removed, so that nobody is believed wrongly.
[[nodiscard]] std::error_code write_records(const std::string& path, const std::unordered_set<std::string>& ids);

class Records {
public:
    // An empty path: nothing is kept. Beyond `ids_max` nobody is noted.
    Records(std::string path, std::size_t ids_max, Instant now, Duration grace);

    [[nodiscard]] bool is_grace(Instant now);
    // `never` when it is over.
    [[nodiscard]] Instant grace_end() const noexcept { return earlier_.empty() ? never : grace_until_; }
    // Has had something before the restart.
    [[nodiscard]] bool may_reclaim(const std::string& id) const { return earlier_.contains(id); }
    void add(const std::string& id);
    void remove(const std::string& id);
    // What is to be written, if there is anything new.
    [[nodiscard]] std::optional<std::unordered_set<std::string>> take_changes();
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
    std::size_t ids_max_;
    // In the file; of before the restart; and who has had something since.
    std::unordered_set<std::string> now_, earlier_, came_;
    Instant grace_until_;
    bool changed_ = false;
};

}  // namespace strata::application::nfs::v4
