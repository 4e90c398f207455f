#include "strata/7_application/users/users.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <stdexcept>

#include "strata/0_foundation/counted_as.hpp"
#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/serving/aside.hpp"
#include "strata/7_application/serving/places.hpp"
#include "strata/7_application/users/password.hpp"

namespace strata::application {

namespace asio = session::asio;

namespace {

// Tried where there are no users at all: as costly as one that is made here. It is nobody's.
constexpr const char* nobodys_hash = "$7$CU..../....nobodynobodynobodynob$";

SipKey random_sip_key() {
    SipKey key;
    if (::RAND_bytes(reinterpret_cast<unsigned char*>(key.words.data()), sizeof key.words) != 1)
        throw std::runtime_error("the system gives no random numbers");
    return key;
}

// Who has no address is on this machine; all of them count as one.
IpAddress address_for_pace(const session::Address& from) {
    return from.is_unix() ? IpAddress{} : counted_as(from.endpoint().address);
}

LoginPace::Guess guess_of(const RememberedLogins::Digest& digest) {
    LoginPace::Guess guess = 0;
    std::memcpy(&guess, digest.data(), sizeof guess);
    return guess;
}

std::expected<std::shared_ptr<const User>, std::string> make_user(const UserLine& line, const FileRoot& served) {
    FileRoot::Options how{.hidden = served.shows_hidden(), .rights = line.rights};
    how.keep_free = served.keep_free();
    how.quota = line.quota;
    auto root = line.folder.starts_with('/') ? FileRoot::open(line.folder, how) : served.open_folder(line.folder, how);
    if (!root)
        return std::unexpected(
            fmt::format("the folder '{}' of '{}': {}", printable(line.folder), line.name, root.error().message()));
    return std::make_shared<const User>(User{line.name, std::make_shared<const FileRoot>(std::move(*root))});
}

}  // namespace

// A password that is looked at, on another thread.
class Users::Check final : public Chore {
public:
    struct What {
        std::string password;
        std::string hash;
        std::shared_ptr<const User> user;  // unset: nobody has the name
        RememberedLogins::Digest digest;
        IpAddress from;
        Instant now;
    };
    Check(std::shared_ptr<Users> users, What what) : users_(std::move(users)), what_(std::move(what)) {
        ++users_->checks_;
    }
    Check(const Check&) = delete;
    Check& operator=(const Check&) = delete;
    ~Check() override {
        forget(what_.password);
        --users_->checks_;
    }

    void do_it() override {
        const std::scoped_lock one_at_a_time(users_->checking_);
        if (is_known()) return;
        const bool right = is_password_of(what_.password, what_.hash) && what_.user;
        // Here nobody waits for it but he.
        if (right) what_.user->root->count_quota();
        const std::scoped_lock lock(users_->mutex_);
        // Should the file have changed meanwhile, nobody asks for this digest again.
        if (right) {
            result_ = what_.user;
            users_->remembered_.keep(what_.digest, what_.user, what_.now);
        } else {
            users_->pace_.was_wrong(what_.from, guess_of(what_.digest));
        }
    }
    [[nodiscard]] const LoginResult& result() const noexcept { return result_; }

private:
    // One that was before this had the same password: a browser opens six connections at once.
    bool is_known() {
        const std::scoped_lock lock(users_->mutex_);
        if (auto user = users_->remembered_.find(what_.digest, what_.now)) {
            result_ = std::move(user);
            return true;
        }
        return users_->pace_.is_known_wrong(what_.from, guess_of(what_.digest));
    }

    std::shared_ptr<Users> users_;
    What what_;
    LoginResult result_ = std::unexpected(LoginFault::wrong);
};

Users::Users(std::string path, const FileRoot& served, UsersOptions options, Tell tell)
    : path_(std::move(path)),
      served_(served),
      options_(options),
      tell_(std::move(tell)),
      remembered_(options_.remembered),
      pace_(options_.pace, random_sip_key()) {}

std::expected<std::shared_ptr<Users>, std::string> Users::open(std::string path, const FileRoot& served,
                                                               UsersOptions options, Tell tell) {
    auto users = std::make_shared<Users>(std::move(path), served, options, std::move(tell));
    users->seen_ = stamp_of(users->path_);
    auto table = users->read();
    if (!table) return std::unexpected(std::move(table.error()));
    users->table_ = std::move(*table);
    return users;
}

std::vector<std::shared_ptr<const User>> Users::all() const {
    const std::scoped_lock lock(mutex_);
    std::vector<std::shared_ptr<const User>> users;
    for (const auto& [name, entry] : table_) users.push_back(entry.user);
    return users;
}

// Who is as he was keeps his root, and what that knows of its quota.
std::expected<Users::Table, std::string> Users::read() const {
    const auto text = read_users_file(path_, options_.file);
    if (!text) return std::unexpected(text.error());
    auto lines = parse_users(*text, options_.file);
    if (!lines)
        return std::unexpected(fmt::format("{}:{}: {}", printable(path_), lines.error().number, lines.error().what));
    Table table;
    for (UserLine& line : *lines) {
        const auto before = table_.find(line.name);
        const bool same_root = before != table_.end() && before->second.line.folder == line.folder &&
                               before->second.line.rights == line.rights && before->second.line.quota == line.quota;
        std::shared_ptr<const User> user;
        if (same_root) {
            user = before->second.user;
        } else {
            auto made = make_user(line, served_);
            if (!made) return std::unexpected(printable(path_) + ": " + made.error());
            user = std::move(*made);
        }
        std::string name = line.name;
        table.emplace(std::move(name), Entry{std::move(line), std::move(user)});
    }
    return table;
}

// The stamp is taken before the file is read: what is written meanwhile is another version.
void Users::look_at_file(Instant now) {
    if (now - looked_at_ < options_.looked_at_after) return;
    looked_at_ = now;
    const FileStamp stamp = stamp_of(path_);
    if (stamp == seen_) return;
    seen_ = stamp;
    auto table = read();
    if (!table) {
        is_wrong_ = true;
        if (tell_) tell_(table.error() + "; the users stay as they were");
        return;
    }
    table_ = std::move(*table);
    remembered_.forget_all();
    if (std::exchange(is_wrong_, false) && tell_) tell_(printable(path_) + " is right again");
}

// Of a name that does not exist the one that would be next to it: the same each time.
Users::Tried Users::tried_for(const std::string& name) const {
    auto found = table_.lower_bound(name);
    if (found != table_.end() && found->first == name) return {found->second.line.hash, found->second.user};
    if (found == table_.end()) found = table_.begin();
    return {found == table_.end() ? nobodys_hash : found->second.line.hash, nullptr};
}

// What is known without looking at the password; else the turn for that. Where guesses have to
// wait, nothing is said of those that would have to be refused: the answer would be one.
std::variant<LoginResult, LoginPace::Turn> Users::begin(const Attempt& attempt, Instant now) {
    const std::scoped_lock lock(mutex_);
    look_at_file(now);
    const RememberedLogins::Digest digest = remembered_.digest(attempt.name, attempt.password);
    if (pace_.is_open(attempt.from, now)) {
        if (auto user = remembered_.find(digest, now)) return LoginResult(std::move(user));
    }
    if (const auto turn = pace_.take(attempt.from, guess_of(digest), now)) return *turn;
    return LoginResult(std::unexpected(LoginFault::busy));
}

// Unset if too many wait.
std::shared_ptr<Users::Check> Users::make_check(Attempt attempt, Instant now) {
    const std::scoped_lock lock(mutex_);
    if (checks_ >= options_.checks_waiting_max) return nullptr;
    Tried tried = tried_for(attempt.name);
    const RememberedLogins::Digest digest = remembered_.digest(attempt.name, attempt.password);
    return std::make_shared<Check>(shared_from_this(), Check::What{std::move(attempt.password), std::move(tried.hash),
                                                                   std::move(tried.user), digest, attempt.from, now});
}

void Users::end(const IpAddress& from, const LoginPace::Turn& turn, const LoginResult& result) {
    const std::scoped_lock lock(mutex_);
    const bool was_a_guess = !result && result.error() == LoginFault::wrong;
    if (!was_a_guess) pace_.was_right(from, turn);
}

asio::awaitable<LoginResult> Users::log_in(session::Network& network, std::string name, std::string password,
                                           session::Address from) {
    Attempt attempt{std::move(name), std::move(password), address_for_pace(from)};
    const IpAddress address = attempt.from;
    auto begun = begin(attempt, network.now());
    if (auto* const known = std::get_if<LoginResult>(&begun)) {
        forget(attempt.password);
        co_return std::move(*known);
    }
    const auto turn = std::get<LoginPace::Turn>(begun);
    session::error_code ignored;
    if (turn.at > network.now()) {
        session::Timer timer = network.make_timer();
        timer.expires_after(turn.at - network.now());
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    const std::shared_ptr<Check> check = make_check(std::move(attempt), network.now());
    LoginResult result = std::unexpected(LoginFault::busy);
    if (check && options_.on_a_thread) {
        const asio::any_io_executor executor = network.get_executor();
        auto doing = Aside::of(executor).async_do(check, executor, asio::redirect_error(asio::use_awaitable, ignored),
                                                  Aside::Kind::thought);
        co_await std::move(doing);
    } else if (check) {
        check->do_it();
    }
    if (check) result = check->result();
    end(address, turn, result);
    co_return result;
}

}  // namespace strata::application
