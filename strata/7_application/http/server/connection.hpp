// One client's connection to an HTTP server: its requests are read, and answered in their order,
// until one of the two ends it.
//
// What is answered is decided in answer.cpp, and how that is sent in send.cpp. Made by the server
// for each client: one that it has a place for, or one that is told why there is none.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>

#include "strata/7_application/http/server/deliveries.hpp"
#include "strata/7_application/http/server/send.hpp"
#include "strata/7_application/http/server/server.hpp"

namespace strata::application::http {

// What a server's connections have in common.
struct Shared {
    Shared(session::Network& on, const FileRoot& root, Server::Log tell, ServerOptions given)
        : network(on),
          shelves(on, root, given.files, given.listings, given.shelves),
          log(std::move(tell)),
          options(std::move(given)) {}
    session::Network& network;
    Shelves shelves;
    DateNow date{};
    Server::Log log;
    ServerOptions options;
};

class Connection final : public WatchedConversation {
public:
    // `refused` says why the client has no place, if it has none.
    Connection(std::shared_ptr<Shared> shared, Client with, std::optional<NoPlace> refused = {});
    ~Connection() override;

    [[nodiscard]] session::asio::awaitable<void> converse() override;
    void finish() override;
    void leave() override;

private:
    struct Heard;
    [[nodiscard]] session::asio::awaitable<void> serve();
    [[nodiscard]] session::asio::awaitable<void> turn_away();
    [[nodiscard]] session::asio::awaitable<bool> hear_request(Heard& heard);
    [[nodiscard]] std::optional<Credentials> ask_who(Heard& heard, const Request& request) const;
    [[nodiscard]] session::asio::awaitable<void> admit(Heard& heard, Credentials who);
    [[nodiscard]] session::asio::awaitable<std::optional<Answer>> hear_body(Heard& heard, session::error_code& error);
    [[nodiscard]] session::asio::awaitable<std::optional<Answer>> receive(Heard& heard, session::error_code& error);
    [[nodiscard]] session::asio::awaitable<session::error_code> ask_for_body();
    [[nodiscard]] session::asio::awaitable<bool> answer_request(const Heard& heard);
    [[nodiscard]] session::asio::awaitable<Answer> decide(const Heard& heard, const Request& request);
    [[nodiscard]] Moment now() const;
    [[nodiscard]] session::asio::awaitable<void> refuse(const Request& request, const Answer& refusal, Instant began);
    [[nodiscard]] session::asio::awaitable<void> see_arrive();
    void note(const Request& request, const Answer& answer, const Sent& sent, Instant began,
              std::uint64_t received = 0);
    void note_broken(const Heard& heard);
    void tell_lost();
    void set_idle(bool idle);
    void show_idle();

    std::shared_ptr<Shared> shared_;
    Deliveries deliveries_;
    Outlet outlet_;
    boost::beast::flat_buffer buffer_;
    std::optional<NoPlace> refused_;
    std::string user_;  // of the request that is answered
    std::uint64_t requests_ = 0;
    bool idle_;              // waits for a request
    bool stopping_ = false;  // the server is
    bool leaving_ = false;   // others need its place
};

}  // namespace strata::application::http
