// Users: who may log in, and what he may do then. One for all services and event loops of a server.
//
// They are read from a file (users_file.hpp), again when it changes: at most once a second somebody
// who logs in looks. A file that is wrong leaves what was before, and is told of once.
//
// Checking a password takes 0.1 s of a core and 64 MiB, on purpose: it is done on a thread that
// does nothing else, one at a time, whatever the number of event loops; few may wait. Who guesses
// is slowed down (pace.hpp): where too many guesses of an address wait, all of its logins are busy.
// Whether a name exists is not to be told from the time it takes: of one that does not, another's
// hash is tried. Called by http and by whatever knows passwords.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "strata/5_session/network.hpp"
#include "strata/7_application/files/file_root.hpp"
#include "strata/7_application/files/file_stamp.hpp"
#include "strata/7_application/users/pace.hpp"
#include "strata/7_application/users/remembered.hpp"
#include "strata/7_application/users/users_file.hpp"

namespace strata::application {

struct User {
    std::string name;
    // His folder, with his rights and his quota.
    std::shared_ptr<const FileRoot> root;
};

enum class LoginFault : std::uint8_t {
    wrong,  // the name or the password: which one is nobody's business
    busy,   // too many attempts, from there or in all: later
};

using LoginResult = std::expected<std::shared_ptr<const User>, LoginFault>;

struct UsersOptions {
    UsersFileOptions file{};
    LoginPaceOptions pace{};
    RememberedLoginsOptions remembered{};
    std::size_t checks_waiting_max = 64;  // passwords, with the one that is looked at
    Duration looked_at_after = 1s;        // from one look at the file to the next
    bool on_a_thread = true;              // else the event loop hashes: for virtual time
};

class Users : public std::enable_shared_from_this<Users> {
public:
    // Told of a file that is wrong now, and of one that is right again: one sentence. Must not
    // throw; called on any event loop, never twice at a time.
    using Tell = std::function<void(const std::string&)>;

    // `served` is the folder that theirs are beneath; it outlives the users. Its `hidden` and
    // `keep_free` are theirs too, its rights are not. The error is a sentence that names the file.
    [[nodiscard]] static std::expected<std::shared_ptr<Users>, std::string> open(std::string path,
                                                                                 const FileRoot& served,
                                                                                 UsersOptions options = {},
                                                                                 Tell tell = {});

    // Who that is. From any event loop: `network` is its own, and outlives this; delays are in its
    // time. May take as long as LoginPaceOptions::wait_max, and the checks before it; a right
    // password that was looked at lately takes none. `from` is the client, not a gateway. A user
    // stays who he was when he logged in, whatever becomes of the file.
    [[nodiscard]] session::asio::awaitable<LoginResult> log_in(session::Network& network, std::string name,
                                                               std::string password, session::Address from);
    // Those that there are now.
    [[nodiscard]] std::vector<std::shared_ptr<const User>> all() const;

    Users(std::string path, const FileRoot& served, UsersOptions options, Tell tell);  // for open()

private:
    struct Entry {
        UserLine line;
        std::shared_ptr<const User> user;
    };
    using Table = std::map<std::string, Entry, std::less<>>;
    class Check;

    struct Attempt {
        std::string name;
        std::string password;
        IpAddress from;
    };
    struct Tried {
        std::string hash;
        std::shared_ptr<const User> user;
    };

    [[nodiscard]] std::variant<LoginResult, LoginPace::Turn> begin(const Attempt& attempt, Instant now);
    [[nodiscard]] std::shared_ptr<Check> make_check(Attempt attempt, Instant now);
    void end(const IpAddress& from, const LoginPace::Turn& turn, const LoginResult& result);
    // With the lock held.
    [[nodiscard]] std::expected<Table, std::string> read() const;
    void look_at_file(Instant now);
    [[nodiscard]] Tried tried_for(const std::string& name) const;

    const std::string path_;
    const FileRoot& served_;
    const UsersOptions options_;
    const Tell tell_;

    mutable std::mutex mutex_;
    Table table_;
    FileStamp seen_;
    Instant looked_at_{};
    bool is_wrong_ = false;  // the file, when it was read last
    RememberedLogins remembered_;
    LoginPace pace_;

    std::mutex checking_;  // one password at a time
    std::atomic<std::size_t> checks_ = 0;
};

}  // namespace strata::application
