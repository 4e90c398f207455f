// The control socket of a running program: where it is, and who answers on it. What is said on it:
// 7_application/control/server.hpp.
//
// It is in $XDG_RUNTIME_DIR/strata, else for root in /run/strata, else in /tmp/strata-UID, under
// the process's number. The folder is its user's alone (0700), and so is the socket (0600).
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "strata/5_session/kernel/network.hpp"
#include "strata/7_application/control/server.hpp"

namespace strata::cli {

class ControlSocket {
public:
    // `where`: a path, "off", or empty: where it is by default; if it can't be there, that is said
    // on standard error, and there is none. Throws std::runtime_error with one sentence if it can't
    // be at a path that was named. To be opened before rights are given up.
    ControlSocket(boost::asio::io_context& io, const std::string& where, application::control::Server::Respond respond);

    // Empty: there is none.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    void stop();

private:
    void open(const std::string& path, application::control::Server::Respond respond);

    session::KernelNetwork kernel_;
    std::string path_;
    std::unique_ptr<application::control::Server> server_;
};

// The socket that `of` means: a process's number or a path; empty: the only one there is. Throws
// WrongUse with one sentence if there is none, or more than one.
[[nodiscard]] std::string control_path_of(const std::string& of);

// Asks, and returns the answer's lines, each with its fields. Throws std::runtime_error with one
// sentence: nobody answers there, or what was said instead of an answer.
[[nodiscard]] std::vector<std::vector<std::string>> ask_running(const std::string& of, const std::string& question);

}  // namespace strata::cli
