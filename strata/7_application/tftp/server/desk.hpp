// Desk: where a server's requests come in, and who has its transfers. Of Server alone.
#pragma once

#include <map>
#include <unordered_map>

#include "strata/6_presentation/charset.hpp"
#include "strata/7_application/tftp/message/packet.hpp"
#include "strata/7_application/tftp/server/served.hpp"

namespace strata::application::tftp {

// It has the transfers by their clients' addresses and ports.
class Server::Desk final : public Served::User, public std::enable_shared_from_this<Desk> {
public:
    Desk(session::Network& network, std::shared_ptr<Files> files, Log log, const Options& options);

    void start(session::Datagram socket);
    void stop() {
        stopping_ = true;
        close_if_done();
    }
    void abort();
    [[nodiscard]] std::size_t active() const noexcept { return transfers_.size(); }

    // Served::User
    void proven(Served& served) override;
    void complete(Served& served) override;
    void over(Served& served) override;
    [[nodiscard]] bool is_alone() const override { return transfers_.size() == 1; }

private:
    // Why a request is refused.
    struct Refusal {
        ErrorCode code = ErrorCode::not_defined;
        std::string text;
    };
    using Accepted = std::expected<void, Refusal>;

    [[nodiscard]] const ServerOptions& options() const noexcept { return common_->options; }
    void wait_for_request();
    void arrived(const session::error_code& error, std::size_t size, const session::Address& from);
    void take(Bytes datagram, const session::Address& from);
    void take_request(const Request& request, Bytes datagram, const session::Address& from);
    [[nodiscard]] Accepted begin(const Request& request, Bytes datagram, const session::Address& from);
    [[nodiscard]] Accepted begin_reading(const std::shared_ptr<Served>& served, const Request& request);
    [[nodiscard]] Accepted begin_writing(const std::shared_ptr<Served>& served, const Request& request);
    [[nodiscard]] std::expected<std::shared_ptr<Served>, Refusal> make_transfer(Served::Asked asked);
    [[nodiscard]] std::expected<Served::Asked, Refusal> understand(const Request& request) const;
    [[nodiscard]] std::size_t path_blksize(const OptionValues& asked, const session::Address& client) const;
    void keep(const std::shared_ptr<Served>& served);
    void count_unproven(const session::Address& client, bool one_more);
    [[nodiscard]] bool has_many_unproven(const session::Address& client) const;
    void refused(const Request& request, const session::Address& from, const Refusal& why);
    void report(const TransferReport& about) const {
        if (log_) log_(about);
    }
    void close_if_done();

    std::shared_ptr<Common> common_;
    std::shared_ptr<Places> places_;
    Log log_;
    presentation::Charset charset_;
    std::shared_ptr<session::Datagram> socket_;
    session::Timer rest_;
    std::vector<std::byte> buffer_;
    std::map<session::Address, std::shared_ptr<Served>> transfers_;
    std::unordered_map<IpAddress, std::size_t> unproven_;
    bool stopping_ = false;
};

}  // namespace strata::application::tftp
