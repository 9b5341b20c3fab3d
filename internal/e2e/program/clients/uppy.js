// The test's page: sends /test/file by Uppy as the evidence that the address names.
import Uppy from '@uppy/core'
import Tus from '@uppy/tus'

const asked = new URLSearchParams(location.search)
const uppy = new Uppy().use(Tus, {
  endpoint: '/uploads/',
  chunkSize: Number(asked.get('chunk')),
  retryDelays: Array(20).fill(50),
  headers: { Authorization: `Bearer ${asked.get('token')}` },
  allowedMetaFields: ['evidence'],
})
uppy.on('complete', (result) => {
  document.title = result.failed.length === 0 ? 'sent' : 'failed'
})
const file = await fetch('/test/file')
uppy.addFile({ name: 'film.mp4', type: 'video/mp4', data: await file.blob(), meta: { evidence: asked.get('evidence') } })
uppy.upload()
