using System.Text;
using Outrider.Proxy.Logging;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Logging;

public sealed class LogFileTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Lines_are_written_in_order_and_folders_are_made()
    {
        string path = _folder.File("deep/er/access.log");
        using (var file = new LogFile(path))
        {
            LogLane lane = file.OpenLane();
            for (int i = 0; i < 1000; i++)
            {
                Assert.True(lane.TryWrite(Encoding.UTF8.GetBytes($"line {i}\n")));
            }
        }

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"line {i}"), File.ReadAllLines(path));
    }

    [Fact]
    public void A_file_that_exists_is_continued()
    {
        string path = _folder.File("a.log");
        File.WriteAllText(path, "old\n");
        using (var file = new LogFile(path))
        {
            file.TryWrite("new\n"u8);
        }

        Assert.Equal(["old", "new"], File.ReadAllLines(path));
    }

    [Fact]
    public void Lines_of_several_threads_stay_whole_and_none_is_lost_while_the_queues_have_room()
    {
        string path = _folder.File("a.log");
        const int Lanes = 4, Lines = 20_000;
        using (var file = new LogFile(path, 1024 * 1024))
        {
            Thread[] threads = [.. Enumerable.Range(0, Lanes).Select(n => new Thread(() =>
            {
                LogLane lane = file.OpenLane();
                for (int i = 0; i < Lines; i++)
                {
                    byte[] line = Encoding.UTF8.GetBytes($"{n} {i} {new string((char)('a' + n), i % 50)}\n");
                    while (!lane.TryWrite(line))
                    {
                        Thread.Yield();
                    }
                }

                lane.Close();
            }))];
            Array.ForEach(threads, t => t.Start());
            Array.ForEach(threads, t => t.Join());
        }

        int[] next = new int[Lanes];
        foreach (string line in File.ReadLines(path))
        {
            string[] words = line.Split(' ');
            int n = int.Parse(words[0]);
            Assert.Equal(next[n], int.Parse(words[1]));
            Assert.Equal(new string((char)('a' + n), next[n] % 50), words[2]);
            next[n]++;
        }

        Assert.All(next, count => Assert.Equal(Lines, count));
    }

    [Fact]
    public void A_line_that_finds_no_room_is_dropped_and_counted_and_the_writer_is_not_waited_for()
    {
        using var file = new LogFile(_folder.File("a.log"), queueCapacity: 1024);
        LogLane lane = file.OpenLane();
        Assert.False(lane.TryWrite(new byte[1025]));
        Assert.Equal(1, lane.Dropped);
        Assert.Equal(1, file.Dropped);
        Assert.True(lane.TryWrite("fits\n"u8));
        lane.Close();
        Assert.True(file.Flush(s_patience));
        Assert.Equal(1, file.Dropped);
        Assert.Equal("fits\n", File.ReadAllText(file.Path));
    }

    [Fact]
    public void After_reopening_lines_go_to_a_new_file_of_the_same_name()
    {
        string path = _folder.File("a.log");
        using (var file = new LogFile(path))
        {
            LogLane lane = file.OpenLane();
            lane.TryWrite("before\n"u8);
            Assert.True(file.Flush(s_patience));
            File.Move(path, path + ".1");
            lane.TryWrite("between\n"u8);
            Assert.True(file.Flush(s_patience));
            file.Reopen();
            lane.TryWrite("after\n"u8);
            Assert.True(file.Flush(s_patience));
        }

        Assert.Equal("before\nbetween\n", File.ReadAllText(path + ".1"));
        Assert.Equal("after\n", File.ReadAllText(path));
    }

    [Fact]
    public void A_file_that_was_cut_is_continued_at_its_new_end()
    {
        string path = _folder.File("a.log");
        using var file = new LogFile(path);
        file.TryWrite("before\n"u8);
        Assert.True(file.Flush(s_patience));
        using (var cut = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            cut.SetLength(0);
        }

        file.TryWrite("after\n"u8);
        Assert.True(file.Flush(s_patience));
        Assert.Equal("after\n", File.ReadAllText(path));
    }

    [Fact]
    public void A_file_that_cannot_be_opened_is_an_error_that_names_it()
    {
        string path = _folder.File("file/a.log");
        File.WriteAllText(_folder.File("file"), "");
        Assert.Contains(path, Assert.Throws<IOException>(() => new LogFile(path)).Message, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => new LogFile("a\0b"));
        Assert.Contains(_folder.Path, Assert.Throws<IOException>(() => new LogFile(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disk_that_takes_nothing_costs_its_lines_and_no_more()
    {
        using var file = new LogFile("/dev/full");
        file.TryWrite("lost\n"u8);
        Assert.True(file.Flush(s_patience));
        file.TryWrite("lost\n"u8);
        Assert.True(file.Flush(s_patience));
        Assert.Equal(2, file.Failures);
    }

    [Fact]
    public void A_disabled_file_keeps_nothing()
    {
        using var file = new LogFile(_folder.File("a.log"));
        file.IsEnabled = false;
        Assert.True(file.TryWrite("no\n"u8));
        file.IsEnabled = true;
        file.TryWrite("yes\n"u8);
        Assert.True(file.Flush(s_patience));
        Assert.Equal("yes\n", File.ReadAllText(file.Path));
    }

    [Fact]
    public void One_path_has_one_file_and_nothing_means_standard_output()
    {
        using var files = new LogFiles();
        Assert.Same(files.Open(_folder.File("a.log")), files.Open(_folder.File("x/../a.log")));
        Assert.Equal("stdout", LogFiles.Normalize(""));
        Assert.Null(files.Find("stderr"));
        Assert.Empty(files.Reopen());
        Assert.Equal(["a.log"], files.All.Select(f => Path.GetFileName(f.Path)));
    }

    [Fact]
    public void Queueing_a_line_allocates_nothing()
    {
        using var file = new LogFile(_folder.File("a.log"));
        LogLane lane = file.OpenLane();
        byte[] line = new byte[100];
        Allocation.AssertNone(() => lane.TryWrite(line));
    }

    [Fact]
    public void Lines_that_a_full_disk_refuses_are_counted()
    {
        using var file = new LogFile("/dev/full");
        var lane = file.OpenLane();
        for (int i = 0; i < 7; i++)
        {
            Assert.True(lane.TryWrite("a line\n"u8));
        }

        lane.Close();
        Assert.True(file.Flush(TimeSpan.FromSeconds(30)));

        Assert.Equal(7, file.Dropped);
        Assert.True(file.Failures > 0);
    }
}
