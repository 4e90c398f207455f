// An FTP server of ours in virtual time, and a client that says what a test tells it.
//
//     client 10.0.0.1 ── cable ── server 10.0.0.2
#pragma once

#include "strata/7_application/ftp/message/data_address.hpp"
#include "strata/7_application/ftp/server/server.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::application::ftp {

// One end of a connection: what came, and whether there will be more.
class Line {
public:
    explicit Line(session::Stream stream) : state_(std::make_shared<State>(std::move(stream))) { read(state_); }
    // One that is still to be connected.
    Line(session::Network& network, const session::Address& to) : state_(std::make_shared<State>()) {
        network.async_connect(to, [state = state_](session::error_code error, session::Stream stream) {
            state->error = error;
            if (error) return;
            state->stream = std::move(stream);
            if (!state->quiet) read(state);
        });
    }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;
    ~Line() {
        state_->stopped = true;
        state_->stream.close();
    }
    // What is below it, for who puts something over it. Not while something is read.
    [[nodiscard]] session::Stream release() { return std::move(state_->stream); }
    void send(const std::string& text) { write(state_, std::make_shared<std::string>(text)); }
    void end() { (void)state_->stream.shut_down_sending(); }
    void abort() { state_->stream.abort(); }
    // Nothing is read, until read_on().
    void be_quiet() { state_->quiet = true; }
    void read_on() {
        state_->quiet = false;
        read(state_);
    }
    [[nodiscard]] std::string took() { return std::exchange(state_->heard, {}); }
    [[nodiscard]] const session::error_code& error() const { return state_->error; }
    [[nodiscard]] bool is_open() const { return state_->stream.is_open() && !state_->error; }
    [[nodiscard]] session::Address local() const { return state_->stream.local(); }

private:
    struct State {
        State() = default;
        explicit State(session::Stream made) : stream(std::move(made)) {}
        session::Stream stream;
        std::vector<char> buffer = std::vector<char>(64 << 10);
        std::string heard;
        session::error_code error;  // eof: it has been ended in order
        bool quiet = false;
        bool stopped = false;
    };
    static void read(const std::shared_ptr<State>& state) {
        state->stream.async_read_some(session::asio::buffer(state->buffer),
                                      [state](session::error_code error, std::size_t count) {
                                          if (state->stopped) return;
                                          state->heard.append(state->buffer.data(), count);
                                          state->error = error;
                                          // As clients do.
                                          if (error) (void)state->stream.shut_down_sending();
                                          if (!error && !state->quiet) read(state);
                                      });
    }
    static void write(const std::shared_ptr<State>& state, const std::shared_ptr<std::string>& text) {
        state->stream.async_write(session::asio::buffer(*text), [state, text](session::error_code, std::size_t) {});
    }
    std::shared_ptr<State> state_;
};

struct FtpServed : test::ServedFolder {
    FtpServed() {
        options.sync = false;
        folder.write("hello", "hello");
        folder.write("sub/text", "one\ntwo\r\nthree");
        folder.write("big", std::string(3 << 20, 'b'));
    }
    void serve() {
        auto log = [this](const CommandReport& report) { reports.push_back(report); };
        serving = std::make_unique<Server>(server.network(), root, log, options);
        serving->start(server.network().listen({Ipv4Address{}, 21}));
    }
    void may(FileRights rights) { root = *FileRoot::open(folder.path(), {.rights = rights}); }
    // Begins a conversation, and logs in unless told otherwise. What it heard.
    std::string call(bool log_in = true) {
        if (!serving) serve();
        control = std::make_unique<Line>(client.network(), session::Address{Ipv4Address{10, 0, 0, 2}, 21});
        lab.run_for(100ms);
        std::string heard = control->took();
        if (log_in) heard += say("USER anonymous");
        if (log_in) heard += say("PASS x@y");
        return heard;
    }
    std::string say(const std::string& command) {
        control->send(command + "\r\n");
        lab.run_for(100ms);
        return control->took();
    }
    // Where the server waits for a data connection, as it says in answer to this.
    session::Address passive(const std::string& command = "EPSV") {
        const std::string told = say(command);
        if (const auto at = find_passive_address(told.substr(std::min<std::size_t>(told.size(), 4)))) return *at;
        return {Ipv4Address{10, 0, 0, 2}, find_extended_passive_port(told).value_or(0)};
    }
    void open_data(const std::string& command = "EPSV") {
        data = std::make_unique<Line>(client.network(), passive(command));
        lab.run_for(100ms);
    }
    // What came over a data connection after this command.
    std::string fetch(const std::string& command) {
        open_data();
        answer = say(command);
        lab.run_for(5s);
        answer += control->took();
        return data->took();
    }
    // Sends this over one.
    std::string store(const std::string& command, const std::string& text) {
        open_data();
        answer = say(command);
        data->send(text);
        lab.run_for(5s);
        data->end();
        lab.run_for(1s);
        return answer += control->took();
    }

    ServerOptions options;
    std::unique_ptr<Server> serving;
    std::unique_ptr<Line> control, data;
    std::string answer;
    std::vector<CommandReport> reports;
};

}  // namespace strata::application::ftp
