#include "strata/cli/control_socket.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <ranges>
#include <stdexcept>
#include <system_error>

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/control/client.hpp"
#include "strata/cli/commands.hpp"

namespace strata::cli {

namespace control = application::control;

namespace {

constexpr std::size_t looked_at_max = 1000;  // names in the folder

std::string tmp_folder_of(uid_t user) { return fmt::format("/tmp/strata-{}", user); }

std::string control_folder() {
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    if (runtime != nullptr && runtime[0] == '/') return std::string{runtime} + "/strata";
    return ::geteuid() == 0 ? "/run/strata" : tmp_folder_of(::geteuid());
}

// In /tmp others may have made it first: what we put there would be theirs, and what answers there.
std::error_code check_that_it_is_theirs_alone(const std::string& folder, uid_t user) {
    struct stat facts{};
    if (::lstat(folder.c_str(), &facts) != 0) return {errno, std::generic_category()};
    const bool alone = S_ISDIR(facts.st_mode) && facts.st_uid == user && (facts.st_mode & 0077) == 0;
    return alone ? std::error_code{} : std::make_error_code(std::errc::operation_not_permitted);
}

std::error_code make_folder_of_ours(const std::string& folder) {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return {errno, std::generic_category()};
    return check_that_it_is_theirs_alone(folder, ::geteuid());
}

// The number that a name is; 0 if it is none.
pid_t process_of(std::string_view name) {
    const bool digits = !name.empty() && name.size() < 10 &&
                        std::ranges::all_of(name, [](char letter) { return letter >= '0' && letter <= '9'; });
    return digits ? std::stoi(std::string{name}) : 0;
}

bool runs(pid_t process) { return ::kill(process, 0) == 0 || errno != ESRCH; }

std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (std::filesystem::directory_iterator at{folder, error}, end; !error && at != end; at.increment(error)) {
        if (names.size() == looked_at_max) break;
        names.push_back(at->path().filename().string());
    }
    std::ranges::sort(names);
    return names;
}

// A program that gave its rights up could not take its socket away, nor one that was killed.
void remove_sockets_of_the_dead(const std::string& folder) {
    for (const std::string& name : names_in(folder)) {
        const pid_t process = process_of(name);
        if (process != 0 && !runs(process)) (void)::unlink((folder + "/" + name).c_str());
    }
}

// The socket is its user's from its first moment on.
class OursAlone {
public:
    OursAlone() : before_(::umask(0177)) {}
    OursAlone(const OursAlone&) = delete;
    OursAlone& operator=(const OursAlone&) = delete;
    ~OursAlone() { ::umask(before_); }

private:
    mode_t before_;
};

bool is_socket(const std::string& path) {
    struct stat facts{};
    return ::stat(path.c_str(), &facts) == 0 && S_ISSOCK(facts.st_mode);
}

std::string path_of_process(pid_t process) {
    struct Place {
        std::string folder;
        uid_t whose;
    };
    std::vector<Place> places{{control_folder(), ::geteuid()}, {"/run/strata", 0}};
    struct stat facts{};
    if (::stat(fmt::format("/proc/{}", process).c_str(), &facts) == 0) {
        places.push_back({tmp_folder_of(facts.st_uid), facts.st_uid});
        places.push_back({fmt::format("/run/user/{}/strata", facts.st_uid), facts.st_uid});
    }
    for (const Place& place : places) {
        std::string path = fmt::format("{}/{}", place.folder, process);
        if (!check_that_it_is_theirs_alone(place.folder, place.whose) && is_socket(path)) return path;
    }
    throw WrongUse(fmt::format("process {} has no control socket in {}; is it a strata serve without --control off?",
                               process, control_folder()));
}

std::string only_path() {
    const std::string folder = control_folder();
    std::vector<std::string> running;
    const bool ours = !check_that_it_is_theirs_alone(folder, ::geteuid());
    for (const std::string& name : ours ? names_in(folder) : std::vector<std::string>{}) {
        if (process_of(name) != 0 && runs(process_of(name))) running.push_back(name);
    }
    if (running.empty()) {
        throw WrongUse("no strata runs whose control socket is in " + folder + "; name one by --of PID or --of SOCKET");
    }
    if (running.size() > 1) {
        throw WrongUse(fmt::format("more than one strata runs; name one by --of: {}", fmt::join(running, ", ")));
    }
    return folder + "/" + running.front();
}

}  // namespace

ControlSocket::ControlSocket(boost::asio::io_context& io, const std::string& where, control::Server::Respond respond)
    : kernel_(io) {
    if (where == "off") return;
    if (!where.empty()) {
        try {
            open(where, std::move(respond));
            return;
        } catch (const boost::system::system_error& error) {
            throw std::runtime_error("cannot have a control socket at " + where + ": " + error.code().message() +
                                     "; choose another path, or --control off");
        }
    }
    const std::string folder = control_folder();
    std::error_code failed = make_folder_of_ours(folder);
    if (!failed) {
        remove_sockets_of_the_dead(folder);
        try {
            open(fmt::format("{}/{}", folder, ::getpid()), std::move(respond));
            return;
        } catch (const boost::system::system_error& error) {
            failed = error.code();
        }
    }
    fmt::print(stderr, "strata: no control socket in {}: {}; name a path by --control, or --control off\n", folder,
               failed.message());
}

void ControlSocket::open(const std::string& path, control::Server::Respond respond) {
    const OursAlone while_it_is_made;
    session::Acceptor acceptor = kernel_.listen(session::UnixPath{path});
    path_ = path;
    server_ = std::make_unique<control::Server>(kernel_, std::move(respond));
    server_->start(std::move(acceptor));
}

void ControlSocket::stop() {
    if (!server_) return;
    server_->stop();
    server_->abort();
}

std::string control_path_of(const std::string& of) {
    if (of.empty()) return only_path();
    if (const pid_t process = process_of(of); process != 0) return path_of_process(process);
    return of;
}

std::vector<std::vector<std::string>> ask_running(const std::string& of, const std::string& question) {
    const std::string path = control_path_of(of);
    boost::asio::io_context io{1};
    session::KernelNetwork kernel{io};
    std::optional<control::Answer> answer;
    std::exception_ptr failed;
    boost::asio::co_spawn(io, control::ask(kernel, session::UnixPath{path}, question),
                          [&](std::exception_ptr error, control::Answer got) {
                              failed = error;
                              answer = std::move(got);
                          });
    io.run();
    try {
        if (failed) std::rethrow_exception(failed);
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error(fmt::format("nobody answers at {}: {}; --of names a running strata serve",
                                             printable(path), error.code().message()));
    }
    if (!answer->given) throw std::runtime_error(printable(answer->text));
    std::vector<std::vector<std::string>> lines;
    for (const auto line : answer->text | std::views::split('\n')) {
        if (line.empty()) continue;
        auto& fields = lines.emplace_back();
        for (const auto field : line | std::views::split('\t')) fields.emplace_back(field.begin(), field.end());
    }
    return lines;
}

}  // namespace strata::cli
