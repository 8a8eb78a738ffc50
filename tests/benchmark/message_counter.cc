#include "message_counter.h"

#include <map>
#include <mpi.h>

namespace
{
lodestone::benchmark::MessageCount so_far;
std::map<MPI_Request, std::uint64_t> persistent; // bytes of each send that MPI_Start repeats

std::uint64_t size_of(const int count, MPI_Datatype type)
{
  int size = 0;
  PMPI_Type_size(type, &size);
  return std::uint64_t(count) * size;
}

void count_message(const int count, MPI_Datatype type, const int destination)
{
  if (destination == MPI_PROC_NULL)
    return;
  ++so_far.messages;
  so_far.bytes += size_of(count, type);
}

void count_start(const MPI_Request request)
{
  if (const auto found = persistent.find(request); found != persistent.end())
  {
    ++so_far.messages;
    so_far.bytes += found->second;
  }
}
} // namespace

lodestone::benchmark::MessageCount lodestone::benchmark::messages_so_far()
{
  return so_far;
}

// The libraries' calls come here instead of to MPI, and go on to it.
extern "C" {
int MPI_Send(const void *data, int count, MPI_Datatype type, int destination, int tag, MPI_Comm comm)
{
  count_message(count, type, destination);
  return PMPI_Send(data, count, type, destination, tag, comm);
}
int MPI_Isend(const void *data, int count, MPI_Datatype type, int destination, int tag, MPI_Comm comm,
              MPI_Request *request)
{
  count_message(count, type, destination);
  return PMPI_Isend(data, count, type, destination, tag, comm, request);
}
int MPI_Issend(const void *data, int count, MPI_Datatype type, int destination, int tag, MPI_Comm comm,
               MPI_Request *request)
{
  count_message(count, type, destination);
  return PMPI_Issend(data, count, type, destination, tag, comm, request);
}
int MPI_Send_init(const void *data, int count, MPI_Datatype type, int destination, int tag, MPI_Comm comm,
                  MPI_Request *request)
{
  const int error = PMPI_Send_init(data, count, type, destination, tag, comm, request);
  persistent[*request] = size_of(count, type);
  return error;
}
int MPI_Request_free(MPI_Request *request)
{
  persistent.erase(*request);
  return PMPI_Request_free(request);
}
int MPI_Start(MPI_Request *request)
{
  count_start(*request);
  return PMPI_Start(request);
}
int MPI_Startall(int n, MPI_Request requests[])
{
  for (int i = 0; i < n; ++i)
    count_start(requests[i]);
  return PMPI_Startall(n, requests);
}
int MPI_Allreduce(const void *send, void *receive, int count, MPI_Datatype type, MPI_Op operation, MPI_Comm comm)
{
  ++so_far.collectives;
  return PMPI_Allreduce(send, receive, count, type, operation, comm);
}
int MPI_Reduce(const void *send, void *receive, int count, MPI_Datatype type, MPI_Op operation, int root, MPI_Comm comm)
{
  ++so_far.collectives;
  return PMPI_Reduce(send, receive, count, type, operation, root, comm);
}
int MPI_Bcast(void *data, int count, MPI_Datatype type, int root, MPI_Comm comm)
{
  ++so_far.collectives;
  return PMPI_Bcast(data, count, type, root, comm);
}
int MPI_Barrier(MPI_Comm comm)
{
  ++so_far.collectives;
  return PMPI_Barrier(comm);
}
int MPI_Allgatherv(const void *send, int count, MPI_Datatype type, void *receive, const int counts[],
                   const int places[], MPI_Datatype type_received, MPI_Comm comm)
{
  ++so_far.collectives;
  return PMPI_Allgatherv(send, count, type, receive, counts, places, type_received, comm);
}
int MPI_Iallgatherv(const void *send, int count, MPI_Datatype type, void *receive, const int counts[],
                    const int places[], MPI_Datatype type_received, MPI_Comm comm, MPI_Request *request)
{
  ++so_far.collectives;
  return PMPI_Iallgatherv(send, count, type, receive, counts, places, type_received, comm, request);
}
int MPI_Ibarrier(MPI_Comm comm, MPI_Request *request)
{
  ++so_far.collectives;
  return PMPI_Ibarrier(comm, request);
}
}
