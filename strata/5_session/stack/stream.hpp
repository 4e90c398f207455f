// StackStream: a Stream on our own TCP. StackNetwork makes them.
#pragma once

#include "strata/4_transport/tcp/tcp.hpp"
#include "strata/5_session/asio/waiting.hpp"
#include "strata/5_session/stack/life.hpp"
#include "strata/5_session/stream.hpp"

namespace strata::session {

class StackStream final : public StreamImplementation, private transport::tcp::ConnectionUser, private StackMember {
public:
    // Takes over the connection, which is released at the end.
    StackStream(const std::shared_ptr<StackLife>& stack, transport::tcp::Connection* connection);
    ~StackStream() override;

    [[nodiscard]] asio::any_io_executor get_executor() const override { return executor_; }
    void start_wait_readable(WaitHandler handler) override;
    void start_read(const MutableBufferList& buffers, IoHandler handler) override;
    void start_write(const ConstBufferList& buffers, WriteExtent extent, IoHandler handler) override;
    [[nodiscard]] std::size_t write_now(const ConstBufferList& buffers, error_code& error) override;
    void start_send_file(const ConstBufferList& before, const FileSlice& slice, IoHandler handler) override;
    [[nodiscard]] std::size_t send_file_now(const ConstBufferList& before, const FileSlice& slice,
                                            error_code& error) override;
    void cancel() override;
    error_code shut_down_sending() override;
    void close() override;
    void abort() override;
    void set_no_delay(bool on) override;
    void set_keepalive(bool on) override;
    void set_reset_at_death(bool) override {}
    [[nodiscard]] std::size_t unacknowledged() const override;
    [[nodiscard]] bool is_over() const override;
    [[nodiscard]] bool is_open() const override { return connection_ != nullptr; }
    [[nodiscard]] Address local() const override { return Address{local_}; }
    [[nodiscard]] Address remote() const override { return Address{remote_}; }

private:
    void readable() override;
    void writable() override;
    void closed(std::error_code error) override;
    void abandon() noexcept override;

    // The connection, if it and its stack are still there; the clock is read on the way.
    [[nodiscard]] transport::tcp::Connection* connection();
    // How an operation ends.
    struct Outcome {
        error_code error;
        std::size_t count = 0;
        bool rest_soon = false;  // the last bytes of a long write may still be held back
    };
    struct Reading {
        MutableBufferList buffers;
        Waiting<IoHandler> waiting{};
    };
    // What is to be written, and how much of it is.
    struct Sending {
        ConstBufferList buffers;
        WriteExtent extent;
        std::size_t done = 0;  // bytes of the buffers that are on their way
        FileSlice slice{};     // what follows the buffers, if it has a descriptor
    };
    struct Writing {
        Sending sending;
        bool fetching = false;  // the slice's first page is brought into memory
        Waiting<IoHandler> waiting{};
    };
    // What is done about a page that is not in memory.
    enum class Pages : std::uint8_t { left_out, waited_for };
    [[nodiscard]] Pages pages() const noexcept;
    std::size_t send_file(const ConstBufferList& before, const FileSlice& slice, Pages pages, error_code& error);
    void fetch_pages(Writing& writing);
    // Nothing: it has to wait.
    [[nodiscard]] std::optional<error_code> try_wait();
    [[nodiscard]] std::optional<Outcome> try_read(const MutableBufferList& buffers);
    [[nodiscard]] std::optional<Outcome> try_write(Sending& sending);
    [[nodiscard]] std::optional<Outcome> try_send_file(const Sending& sending, Pages pages);
    void wait_to_write(Sending sending, IoHandler handler);
    void end_write(auto& handler, const Outcome& outcome);
    void cancel_waiting();
    void cancel_reading();
    void cancel_writing();
    void send_rest_soon();

    std::weak_ptr<StackLife> stack_;
    asio::any_io_executor executor_;
    transport::tcp::Connection* connection_;
    Endpoint local_;
    Endpoint remote_;
    // Only while an operation waits: an idle conversation should be small.
    std::unique_ptr<Reading> reading_;
    std::unique_ptr<Writing> writing_;
    std::unique_ptr<Waiting<WaitHandler>> waiting_;  // for something to read
    std::shared_ptr<void> alive_;                    // guards what is posted; made when something is
    std::uint32_t writes_ = 0;                       // that TCP has taken
    bool rest_posted_ = false;
};

}  // namespace strata::session
