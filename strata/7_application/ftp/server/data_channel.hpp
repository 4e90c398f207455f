// DataChannel: how the data connections of a session come about (RFC 959 3.2, 5.1.1; RFC 2428).
//
// The client says each time how the next one will: he calls at a port of ours, or is called at one
// of his. Only he is heard (RFC 2577): whoever else comes to our port is cut off, and only his own
// address is called, at no port that belongs to a service.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <expected>
#include <optional>

#include "strata/6_presentation/tls/tls.hpp"
#include "strata/7_application/ftp/server/shared.hpp"

namespace strata::application::ftp {

class DataChannel {
public:
    // `client` is the address that the control connection comes from.
    DataChannel(Shared& shared, session::Address client);

    // Opens a port for the client of this control connection. Returns where he finds it.
    [[nodiscard]] std::expected<Endpoint, session::error_code> listen(const session::Stream& control);
    // Whether he may be called there.
    [[nodiscard]] bool may_call(const Endpoint& at) const;
    void call(const Endpoint& at);
    // He has said how.
    [[nodiscard]] bool is_arranged() const noexcept { return acceptor_ || calls_; }
    // Until he says it anew.
    void forget();
    // The next data connection, under TLS if it is to be; what was arranged is over with that. An
    // error: it has not come in time, or he could not be reached.
    [[nodiscard]] session::asio::awaitable<std::expected<session::Stream, session::error_code>> connect(bool protect);
    // The control connection, under TLS from now on.
    [[nodiscard]] session::Stream protect_control(session::Stream control) const;
    // The latest data connection had a TLS session of its own, and was refused for that.
    [[nodiscard]] bool is_foreign() const noexcept { return facts_ && facts_->is_refused; }
    // It is not waited for any longer.
    void give_up() {
        if (waiting_ != nullptr) waiting_->cancel();
    }

private:
    struct Door {
        session::Acceptor acceptor;
        DataDoor door;
    };
    [[nodiscard]] std::expected<Door, session::error_code> open(const session::Address& at,
                                                                const session::Address& client) const;

    Shared& shared_;
    session::Address client_;
    std::shared_ptr<Door> acceptor_;
    std::optional<Endpoint> calls_;
    session::Timer* waiting_ = nullptr;              // connect()'s
    std::string kin_;                                // of TLS sessions; empty: any may be gone on with
    std::shared_ptr<presentation::TlsFacts> facts_;  // of the latest
};

}  // namespace strata::application::ftp
