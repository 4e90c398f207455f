#include "strata/5_session/kernel/acceptor.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>

#include "strata/5_session/asio/translated.hpp"
#include "strata/5_session/kernel/address.hpp"
#include "strata/5_session/kernel/stream.hpp"
#include "strata/5_session/kernel/unix_file.hpp"

namespace strata::session::kernel {
namespace {

using StreamProtocol = asio::generic::stream_protocol;
using AcceptorSocket = asio::basic_socket_acceptor<StreamProtocol>;

// A waiting accept, with the memory for the new socket and its peer's address.
struct Accepting {
    explicit Accepting(const asio::any_io_executor& executor) : socket(executor) {}
    StreamSocket socket;
    StreamProtocol::endpoint peer;
};

class KernelAcceptor final : public AcceptorImplementation {
public:
    KernelAcceptor(AcceptorSocket socket, UnixFile file) : socket_(std::move(socket)), file_(std::move(file)) {
        error_code ignored;
        local_ = address_of(socket_.local_endpoint(ignored));
    }
    ~KernelAcceptor() override { close(); }

    [[nodiscard]] asio::any_io_executor get_executor() const override {
        return const_cast<AcceptorSocket&>(socket_).get_executor();
    }
    void start_accept(AcceptHandler handler) override {
        auto accepting = std::make_unique<Accepting>(get_executor());
        StreamSocket& socket = accepting->socket;
        StreamProtocol::endpoint& peer = accepting->peer;
        auto complete = [accepting = std::move(accepting)](AcceptHandler to, error_code error) {
            if (error) return to(error, Stream{});
            Stream stream = make_stream(std::move(accepting->socket), address_of(accepting->peer));
            to(error, std::move(stream));
        };
        socket_.async_accept(socket, peer, Translated{std::move(handler), std::move(complete)});
    }
    void close() override {
        error_code ignored;
        socket_.close(ignored);
        file_.remove();
    }
    [[nodiscard]] Address local() const override { return local_; }

private:
    AcceptorSocket socket_;
    UnixFile file_;
    Address local_;
};

void set_options(AcceptorSocket& socket, const Address& local, bool reuse_port, error_code& error) {
    if (local.is_unix()) return;
    // A restarted server must not wait for its old conversations' TIME-WAIT.
    socket.set_option(asio::socket_base::reuse_address(true), error);
    using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
    if (!error && reuse_port) socket.set_option(ReusePort(true), error);
    if (error || local.endpoint().address.is_v4()) return;
    if (local.endpoint().address.is_any()) socket.set_option(asio::ip::v6_only(false), error);
}

}  // namespace

Acceptor make_acceptor(asio::io_context& io, const Address& local, const KernelNetworkOptions& options,
                       error_code& error) {
    error.clear();
    const int family = family_of(local);
    const auto endpoint = endpoint_of<StreamProtocol::endpoint>(local, family, error);
    if (error) return {};
    AcceptorSocket socket{io};
    socket.open(StreamProtocol(family, 0), error);
    if (!error) set_options(socket, local, options.reuse_port, error);
    if (error) return {};
    UnixFile file;
    if (local.is_unix()) {
        UnixFile::remove_if_stale(local.unix_path().path, SOCK_STREAM);
    }
    socket.bind(endpoint, error);
    if (error) return {};
    if (local.is_unix()) file = UnixFile{local.unix_path().path};
    socket.listen(options.backlog, error);
    if (error) {
        file.remove();
        return {};
    }
    return Acceptor{std::make_unique<KernelAcceptor>(std::move(socket), std::move(file))};
}

}  // namespace strata::session::kernel
