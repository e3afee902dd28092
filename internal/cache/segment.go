package cache

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// magic begins and ends a segment; its last byte is the version of the format.
const magic = "tiebeam\x01"

// Sizes of the parts of a segment, in bytes.
const (
	headSize   = len(magic) + len(Key{})
	recordSize = len(Key{}) + 8 + 4 + sha256.Size
	footSize   = 8 + 4 + sha256.Size + len(magic)
)

// errDamaged is why a segment is not read.
var errDamaged = errors.New("damaged")

// record is one entry of an index.
type record struct {
	key    Key
	offset int64
	length uint32
	sum    [sha256.Size]byte
}

// segment is one file that is open for reading.
type segment struct {
	file    *os.File
	size    int64
	written time.Time
	records []record
}

// openSegment reads the index of a segment. Nothing in the file is believed before its checksum was compared.
func openSegment(name string, tool Key) (*segment, error) {
	file, err := openOwn(name)
	if err != nil {
		return nil, err
	}
	s := &segment{file: file}
	if err := s.readIndex(tool); err != nil {
		file.Close()
		return nil, err
	}
	return s, nil
}

func (s *segment) readIndex(tool Key) error {
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	s.size, s.written = info.Size(), info.ModTime()
	if !info.Mode().IsRegular() || s.size < int64(headSize+footSize) || distrust(info) != "" {
		return errDamaged
	}
	head, foot := make([]byte, headSize), make([]byte, footSize)
	if _, err := s.file.ReadAt(head, 0); err != nil {
		return err
	}
	if _, err := s.file.ReadAt(foot, s.size-int64(footSize)); err != nil {
		return err
	}
	if string(head) != magic+string(tool[:]) || string(foot[footSize-len(magic):]) != magic {
		return errDamaged
	}
	start, count := int64(binary.LittleEndian.Uint64(foot)), int64(binary.LittleEndian.Uint32(foot[8:]))
	if start < int64(headSize) || start > s.size || s.size-int64(footSize)-start != count*int64(recordSize) {
		return errDamaged
	}
	index := make([]byte, count*int64(recordSize))
	if _, err := s.file.ReadAt(index, start); err != nil {
		return err
	}
	if sum := sha256.Sum256(index); !bytes.Equal(sum[:], foot[12:12+sha256.Size]) {
		return errDamaged
	}
	s.records = make([]record, count)
	for i := range s.records {
		if !s.records[i].parse(index[i*recordSize:], start) {
			return errDamaged
		}
	}
	return nil
}

// parse reads an entry; end is where the payloads end.
func (r *record) parse(raw []byte, end int64) bool {
	copy(r.key[:], raw)
	raw = raw[len(Key{}):]
	r.offset, r.length = int64(binary.LittleEndian.Uint64(raw)), binary.LittleEndian.Uint32(raw[8:])
	copy(r.sum[:], raw[12:])
	return r.offset >= int64(headSize) && r.offset <= end && int64(r.length) <= end-r.offset
}

func (r *record) append(raw []byte) []byte {
	raw = append(raw, r.key[:]...)
	raw = binary.LittleEndian.AppendUint64(raw, uint64(r.offset))
	raw = binary.LittleEndian.AppendUint32(raw, r.length)
	return append(raw, r.sum[:]...)
}

// read returns a payload and compares it with its checksum.
func (s *segment) read(r record) ([]byte, error) {
	payload := make([]byte, r.length)
	if _, err := s.file.ReadAt(payload, r.offset); err != nil {
		return nil, err
	}
	if sha256.Sum256(payload) != r.sum {
		return nil, errDamaged
	}
	return payload, nil
}

// writeSegment writes a segment beside its place and renames it there once it is on disk. Its name is the checksum of
// its index.
func writeSegment(dir string, tool Key, payloads map[Key][]byte) (err error) {
	file, err := os.CreateTemp(dir, temporary)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			file.Close()
			os.Remove(file.Name())
		}
	}()
	sum, err := fill(file, tool, payloads)
	if err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), filepath.Join(dir, hex.EncodeToString(sum[:16])+suffix))
}

// fill writes the content of a segment, the payloads in the order of their keys.
func fill(file io.Writer, tool Key, payloads map[Key][]byte) (sum [sha256.Size]byte, err error) {
	w := bufio.NewWriterSize(file, 1<<20)
	w.WriteString(magic)
	w.Write(tool[:])
	offset := int64(headSize)
	var index []byte
	for _, key := range slices.SortedFunc(maps.Keys(payloads), func(a, b Key) int { return bytes.Compare(a[:], b[:]) }) {
		payload := payloads[key]
		if uint64(len(payload)) > 1<<32-1 {
			continue
		}
		r := record{key, offset, uint32(len(payload)), sha256.Sum256(payload)}
		index = r.append(index)
		w.Write(payload)
		offset += int64(len(payload))
	}
	sum = sha256.Sum256(index)
	foot := binary.LittleEndian.AppendUint64(nil, uint64(offset))
	foot = binary.LittleEndian.AppendUint32(foot, uint32(len(index)/recordSize))
	foot = append(append(foot, sum[:]...), magic...)
	w.Write(index)
	w.Write(foot)
	return sum, w.Flush()
}
